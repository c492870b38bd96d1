/**
 * `npm run bench:serve`: what the built server bears, in a sandbox of its own: clients of the catalog, installs at once, and both.
 * `--clients 200` `--installs 20` `--seconds 15`. docs/performance.md tells more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, get, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inSandbox } from './bench/in-sandbox.ts';
import { wholeNumber } from './bench/whole-number.ts';
import { addEngine, bundle } from './build.ts';

const root = join(import.meta.dirname, '..');

/** What clients of the catalog ask for, in turn. */
const pages = [
  '/api/v1/apps',
  '/api/v1/apps?q=postgres',
  '/api/v1/apps/builtin/postgres',
  '/api/v1/apps/builtin/postgres/icon',
  '/api/v1/categories',
];

interface Server {
  readonly child: ChildProcess;
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(server: Server, path: string, agent: Agent, body?: object, accept = 'gzip'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...server.headers,
      'accept-encoding': accept,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    };
    const outgoing = request(
      new URL(path, server.address),
      { agent, headers, method: body === undefined ? 'GET' : 'POST' },
      async (incoming) => {
        try {
          const text = Buffer.concat(await incoming.toArray()).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, body: text });
        } catch (error) {
          reject(error);
        }
      },
    );
    outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Starts the built server and logs in by its link. */
async function start(kubeconfig: string, home: string): Promise<Server> {
  const argv = [
    join(root, 'bin/appstore.js'),
    'serve',
    '--port',
    '0',
    '-o',
    'json',
    '--rate-limit',
    '99999999',
  ];
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.endsWith('}\n')) break;
  }
  const { address, link } = JSON.parse(text) as { address: string; link: string };
  const cookie = await new Promise<string>((resolve, reject) => {
    get(link, (incoming) => {
      incoming.resume();
      resolve((incoming.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '');
    }).on('error', reject);
  });
  const server = { child, address: new URL(address), headers: { cookie } };
  const session = await ask(server, '/api/v1/session', new Agent(), undefined, 'identity');
  const { csrf } = JSON.parse(session.body) as { csrf: string };
  return { ...server, headers: { cookie, 'x-appstore-csrf': csrf } };
}

interface Load {
  readonly times: number[];
  errors: number;
}

/** Clients that ask one thing after the other on a connection of their own, until told to end. */
async function catalogLoad(server: Server, clients: number, ended: () => boolean): Promise<Load> {
  const load: Load = { times: [], errors: 0 };
  const one = async (first: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let at = first; !ended(); at++) {
      const begun = performance.now();
      const answer = await ask(server, pages[at % pages.length] ?? '', agent).catch(() => undefined);
      if (answer?.status === 200) load.times.push(performance.now() - begun);
      else load.errors++;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, (_, at) => one(at)));
  return load;
}

/** Installs at once, each followed to its end. */
async function installLoad(server: Server, installs: number, name: string): Promise<Load> {
  const load: Load = { times: [], errors: 0 };
  const agent = new Agent({ keepAlive: true });
  const one = async (at: number): Promise<void> => {
    const begun = performance.now();
    const body = { app: 'builtin/whoami', name: `${name}-${at}`, namespace: 'default' };
    const answer = await ask(server, '/api/v1/deploy', agent, body, 'identity');
    const { id } = JSON.parse(answer.body) as { id?: string };
    const events = await ask(server, `/api/v1/operations/${id}/events`, agent, undefined, 'identity');
    if (answer.status === 202 && events.body.includes('"state":"done"'))
      load.times.push(performance.now() - begun);
    else load.errors++;
  };
  await Promise.all(Array.from({ length: installs }, (_, at) => one(at)));
  agent.destroy();
  return load;
}

function line(what: string, { times, errors }: Load, seconds: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  const cells = [
    what,
    String(times.length),
    String(errors),
    `${(times.length / seconds).toFixed(1)}/s`,
    ...[0.5, 0.9, 0.99, 1].map((part) => `${at(part).toFixed(0)} ms`),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Memory of a process, MiB: now and the most it ever had. */
async function memory({ child }: Server): Promise<string> {
  const text = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const of = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(text)?.[1]) / 1024);
  return `${of('VmRSS')} MiB, at most ${of('VmHWM')} MiB`;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begun) / 1000 };
}

async function measure(server: Server, clients: number, installs: number, seconds: number): Promise<void> {
  const idle = await memory(server);
  const forSeconds = () => {
    const until = performance.now() + seconds * 1000;
    return () => performance.now() > until;
  };
  await catalogLoad(server, 10, forSeconds());
  console.log('| | answers | errors | rate | p50 | p90 | p99 | longest |\n|---|---|---|---|---|---|---|---|');
  const catalog = await timed(() => catalogLoad(server, clients, forSeconds()));
  console.log(line(`${clients} clients of the catalog`, catalog.value, catalog.seconds));
  const installed = await timed(() => installLoad(server, installs, 'one'));
  console.log(line(`${installs} installs at once`, installed.value, installed.seconds));
  let over = false;
  const both = await timed(async () => {
    const asking = catalogLoad(server, clients, () => over);
    const value = await timed(() => installLoad(server, installs, 'two'));
    over = true;
    return { installs: value, asking: await asking };
  });
  console.log(line('both at once: the clients', both.value.asking, both.seconds));
  console.log(line('both at once: the installs', both.value.installs.value, both.value.installs.seconds));
  console.log(`\nMemory of the server: ${idle} before, ${await memory(server)} after.`);
  console.log(
    `${cpus().length} CPUs (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
  );
}

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    installs: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '15' },
  },
});
const clients = wholeNumber('--clients', values.clients, 2000);
const installs = wholeNumber('--installs', values.installs, 200);
const seconds = wholeNumber('--seconds', values.seconds, 600);
const dist = join(root, 'dist');
await bundle(dist);
await addEngine(dist);
await inSandbox(new AbortController().signal, 0, async ({ folder, kubeconfig }) => {
  const server = await start(kubeconfig, folder);
  try {
    await measure(server, clients, installs, seconds);
  } finally {
    server.child.kill('SIGTERM');
  }
});
