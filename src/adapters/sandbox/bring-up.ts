import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppstoreError } from '../../domain/errors.ts';
import type { SandboxEmit } from '../../services/sandboxes.ts';
import { type SandboxApi, sandboxApi } from './api.ts';
import type { CertificateAuthority, KeyedCertificate } from './certificates.ts';
import { writeAtomically } from './files.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags, kwokFlags, schedulerFlags } from './flags.ts';
import { createKeys, issueUser } from './keys.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { writeKwokConfig } from './kwok-config.ts';
import { logFile, type SandboxLayout } from './layout.ts';
import { NODES, START_OBJECTS } from './objects.ts';
import type { FindPort } from './ports.ts';
import type { ProgramName } from './program-table.ts';
import type { Supervisor } from './supervisor.ts';

export interface BringUpOptions {
  readonly name: string;
  readonly layout: SandboxLayout;
  readonly supervisor: Supervisor;
  readonly assets: string;
  /** How each program is started: a wrapper where there is one, and its path. */
  readonly programs: Readonly<Record<ProgramName, readonly string[]>>;
  readonly findPort: FindPort;
  readonly emit: SandboxEmit;
  readonly signal: AbortSignal;
}

interface Access {
  readonly authority: CertificateAuthority;
  readonly admin: KeyedCertificate;
}

/** No issuer of tokens is believed until somebody writes one into the file. */
const NO_ISSUERS = `${JSON.stringify({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  jwt: [],
})}\n`;

/** A port may be taken between finding and using it: so often a new one is tried. */
const PORT_ATTEMPTS = 5;
/** A slow machine under load needs a few seconds; one that needs more than this has another problem. */
const READY_WITHIN = 120_000;
/** Somebody else may listen on the port and never answer; then it is looked whether our program has ended for that. */
const ANSWER_WITHIN = 2_000;

/** Starts the programs one after the other as far as they need each other, until pods can run. Answers the server's address. */
export async function bringUp(options: BringUpOptions): Promise<string> {
  options.emit({ type: 'phase', phase: 'keys' });
  const authority = await createKeys(options.layout.keys);
  const admin = issueUser(authority, { commonName: 'sandbox-admin', organizations: ['system:masters'] });
  const access = { authority, admin };
  await writeKwokConfig(options.layout, options.assets);
  await writeAtomically(options.layout.authentication, NO_ISSUERS);

  options.emit({ type: 'phase', phase: 'api-server' });
  await start(options, 'etcd', etcdFlags(options.layout));
  const server = await startApiServer(options, access);
  const api = sandboxApi(server, authority.certificate, admin);
  try {
    options.emit({ type: 'phase', phase: 'controllers' });
    await start(options, 'kube-controller-manager', controllerManagerFlags(options.layout));
    await start(options, 'kube-scheduler', schedulerFlags(options.layout));
    await startKwok(options, access);
    await until(options, () => answers(api, '/readyz', options.signal));

    options.emit({ type: 'phase', phase: 'nodes' });
    await createObjects(api, options.signal);
    await until(options, () => podsCanRun(api, options.signal));
  } finally {
    api.close();
  }
  return server;
}

async function start(options: BringUpOptions, name: ProgramName, flags: readonly string[]): Promise<void> {
  const [command = '', ...prefix] = options.programs[name];
  const log = logFile(options.layout, name);
  await options.supervisor.run({ name, command, args: [...prefix, ...flags], log });
}

async function startApiServer(options: BringUpOptions, { authority, admin }: Access): Promise<string> {
  const port = await startOnPort(options, 'kube-apiserver', { authority, admin }, '/livez/ping', (free) =>
    apiServerFlags(options.layout, free),
  );
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = { sandbox: options.name, server, authority: authority.certificate };
  await writeAtomically(
    options.layout.kubeconfig,
    writeKubeconfig({ ...kubeconfig, user: 'admin', credentials: admin }),
  );
  return server;
}

async function startKwok(options: BringUpOptions, access: Access): Promise<void> {
  await startOnPort(options, 'kwok', access, '/healthz', (free) => kwokFlags(options.layout, free));
}

/** Starts a server on a free port and waits until it answers there, with our certificate; on another one if it was taken. */
async function startOnPort(
  options: BringUpOptions,
  name: ProgramName,
  { authority, admin }: Access,
  path: string,
  flags: (port: number) => readonly string[],
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await options.findPort();
    const api = sandboxApi(`https://127.0.0.1:${port}`, authority.certificate, admin);
    try {
      await start(options, name, flags(port));
      await until(options, () => answers(api, path, options.signal));
      return port;
    } catch (error) {
      const log = await readFile(logFile(options.layout, name), 'utf8').catch(() => '');
      const taken = options.supervisor.end(name) !== undefined && /address already in use/.test(log);
      if (!taken || attempt >= PORT_ATTEMPTS) throw error;
    } finally {
      api.close();
    }
  }
}

async function answers(api: SandboxApi, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.timeout(ANSWER_WITHIN);
    return (await api.get(path, AbortSignal.any([signal, patience]))).status === 200;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function createObjects(api: SandboxApi, signal: AbortSignal): Promise<void> {
  await Promise.all(
    START_OBJECTS.map(async ({ path, object }) => {
      const answer = await api.post(path, object, signal);
      if (answer.status !== 201) {
        throw new AppstoreError(
          'SANDBOX_FAILED',
          `The API server of the sandbox refused ${path}: ${answer.body}`,
        );
      }
    }),
  );
}

/** Pods need nodes without taints (the controller manager takes them off) and the service account of their namespace. */
async function podsCanRun(api: SandboxApi, signal: AbortSignal): Promise<boolean> {
  const account = await api.get('/api/v1/namespaces/default/serviceaccounts/default', signal);
  if (account.status !== 200) return false;
  const nodes = await Promise.all(NODES.map((name) => api.get(`/api/v1/nodes/${name}`, signal)));
  return nodes.every(({ status, body }) => status === 200 && isSchedulable(JSON.parse(body)));
}

interface NodeObject {
  readonly spec?: { readonly taints?: readonly unknown[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function isSchedulable(node: NodeObject): boolean {
  const ready = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true && (node.spec?.taints ?? []).length === 0;
}

/** Waits for something that gets true by itself; throws SANDBOX_FAILED as soon as one of the programs has ended. */
async function until(options: BringUpOptions, reached: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  while (!(await reached())) {
    options.signal.throwIfAborted();
    for (const name of Object.keys(options.programs) as ProgramName[]) {
      const end = options.supervisor.end(name);
      if (end !== undefined) throw await programEnded(options.layout, name, end.how);
    }
    if (performance.now() > deadline)
      throw await programEnded(options.layout, 'kube-apiserver', 'not ready in time');
    await sleep(50, undefined, { signal: options.signal });
  }
}

/** The log goes with the sandbox that could not be started, so its last lines go into the error. */
async function programEnded(layout: SandboxLayout, name: ProgramName, how: string): Promise<AppstoreError> {
  const log = await readFile(logFile(layout, name), 'utf8').catch(() => '');
  const lines = log.trim().split('\n').slice(-5);
  return new AppstoreError('SANDBOX_FAILED', `${name} of the sandbox failed: ${how}`, {
    hint: 'The last lines of its log tell why; correct that and start again.',
    problems: lines.map((message) => ({ message: message.slice(0, 400), at: name })),
  });
}
