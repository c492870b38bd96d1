/**
 * `npm run demo`: the main job with real output, in a sandbox of its own that is gone afterwards.
 * `npm run demo -- --context X [--namespace N]` runs it on the cluster of that kubeconfig context instead, in a namespace of its
 * own. `--built` takes dist/ as it is.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { localSandboxes } from '../src/adapters/sandbox/sandboxes.ts';
import { AppstoreError } from '../src/domain/errors.ts';
import type { SandboxEvent } from '../src/services/sandboxes.ts';
import { defaultCache, sandboxAssets, supervisorEntry } from '../test/support/sandbox-parts.ts';

const root = join(import.meta.dirname, '..');

/** The story: each line is a command as a person would type it. */
const story = (namespace: string): readonly string[] => [
  'search database',
  'show postgres',
  `install postgres db --namespace ${namespace} --create-namespace --set storage.size=2Gi --yes`,
  `install whoami --namespace ${namespace} --yes`,
  `list --namespace ${namespace}`,
  `status db --namespace ${namespace}`,
  `upgrade whoami --namespace ${namespace} --set replicas=3 --yes`,
  `history whoami --namespace ${namespace}`,
  `credentials db --namespace ${namespace}`,
  `remove whoami --namespace ${namespace} --yes`,
  `list --namespace ${namespace}`,
];

/** Runs a program with the terminal of the demo; answers its exit code. */
function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function tellStory(environment: NodeJS.ProcessEnv, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    console.log(`\n$ appstore ${line}`);
    const code = await run([join(root, 'bin', 'appstore.js'), ...line.split(' ')], environment);
    if (code !== 0) throw new Error(`\`appstore ${line}\` ended with exit code ${code}`);
  }
}

/** One line a phase, and one every ten seconds while programs are built or waited for. */
function tell(event: SandboxEvent): void {
  if (event.type === 'phase') console.error(`sandbox: ${event.phase}`);
  else if (event.type === 'download-failed') console.error(`no download: ${event.reason}`);
  else if (event.type === 'build' && event.seconds % 10 === 0) {
    const { packages, total, seconds } = event;
    console.error(`building the sandbox's programs, once: ${packages} of ${total} packages, ${seconds} s`);
  } else if (event.type === 'waiting' && event.seconds % 10 === 0) {
    console.error(`waiting: ${event.reason}, ${event.seconds} s`);
  }
}

/** A sandbox, an empty home and a kubeconfig of its own: nothing of the user's is seen or touched. */
async function inSandbox(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'appstore-demo-'));
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  try {
    const sandboxes = localSandboxes({
      folders: { cache: defaultCache(), sandboxes: join(home, 'sandboxes') },
      assets: sandboxAssets,
      supervisor: supervisorEntry,
      environment: process.env,
    });
    const started = performance.now();
    const sandbox = await sandboxes.start({
      name: 'demo',
      mode: 'attached',
      emit: tell,
      signal: abort.signal,
    });
    console.error(
      `sandbox: ready at ${sandbox.server} after ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
    try {
      await tellStory({ ...isolated(home), KUBECONFIG: sandbox.kubeconfig }, story('demo'));
    } finally {
      await sandbox.stop();
    }
    console.log('\nThat was the main job. The sandbox is gone. Your own: `appstore sandbox start`.');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** PATH and the terminal, nothing of the user's configuration. */
function isolated(home: string): NodeJS.ProcessEnv {
  const { PATH, TERM, COLUMNS, NO_COLOR, FORCE_COLOR, LANG } = process.env;
  const kept = Object.entries({ PATH, TERM, COLUMNS, NO_COLOR, FORCE_COLOR, LANG }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(kept), HOME: home };
}

async function onContext(context: string, namespace: string): Promise<void> {
  console.error(`on the cluster of context ${context}, in namespace ${namespace}`);
  const cleanUp = [`remove db --namespace ${namespace} --yes --purge-data`];
  await tellStory(
    process.env,
    [...story(namespace), ...cleanUp].map((line) => withContext(line, context)),
  );
  console.log(`\nThe namespace ${namespace} is left: delete it when it is not needed any more.`);
}

function withContext(line: string, context: string): string {
  return line.includes(' --namespace ') ? `${line} --context ${context}` : line;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      context: { type: 'string' },
      namespace: { type: 'string', default: 'demo' },
      built: { type: 'boolean', default: false },
    },
  });
  if (!values.built && (await run([join(root, 'scripts', 'build.ts')], process.env)) !== 0)
    throw new Error('the build failed');
  await (values.context === undefined ? inSandbox() : onContext(values.context, values.namespace));
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof AppstoreError) {
    for (const { at, message } of error.problems) console.error(`  ${at ?? ''} ${message}`);
    console.error(error.hint);
  }
  process.exitCode = 1;
});
