import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { endWithParent } from '../../src/adapters/sandbox/end-with-parent.ts';
import { sandboxLayout } from '../../src/adapters/sandbox/layout.ts';
import { freePort } from '../../src/adapters/sandbox/ports.ts';
import { identify, isAlive, type ProcessIdentity } from '../../src/adapters/sandbox/processes.ts';
import { localSandboxes } from '../../src/adapters/sandbox/sandboxes.ts';
import type { SandboxSite } from '../../src/adapters/sandbox/start.ts';
import { readProcesses } from '../../src/adapters/sandbox/state.ts';
import { sandboxContext } from '../../src/domain/sandbox.ts';
import type { SandboxEvent } from '../../src/services/sandboxes.ts';
import { adminRequest, readAdmin } from '../support/admin.ts';
import { eventually, kube } from '../support/sandbox.ts';
import { sandboxAssets, supervisorEntry } from '../support/sandbox-parts.ts';
import { temporaryFolder } from '../support/temporary.ts';

const signal = new AbortController().signal;

function site(sandboxes: string): SandboxSite {
  return {
    folders: { cache: inject('sandbox').cache, sandboxes },
    assets: sandboxAssets,
    supervisor: supervisorEntry,
    environment: process.env,
  };
}

async function identities(sandboxes: string, name: string): Promise<readonly ProcessIdentity[]> {
  const file = await readProcesses(sandboxLayout(sandboxes, name));
  if (file === undefined) throw new Error(`no processes of ${name}`);
  return [file.supervisor, ...file.programs.map(({ process }) => process)];
}

const livesOn = async (processes: readonly ProcessIdentity[]): Promise<boolean> =>
  (await Promise.all(processes.map(isAlive))).includes(true);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A volume in the sandbox of that kubeconfig; answers its folder. */
async function bindVolume(kubeconfig: string): Promise<string> {
  const admin = await readAdmin(kubeconfig);
  const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await adminRequest(admin, 'POST', claims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec,
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const pod = { containers: [{ name: 'app', image: 'app:1' }], volumes };
  await adminRequest(admin, 'POST', '/api/v1/namespaces/default/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app' },
    spec: pod,
  });
  let volume = '';
  await eventually(async () => {
    volume = (await adminRequest(admin, 'GET', `${claims}/data`)).body.spec.volumeName ?? '';
    return volume !== '';
  });
  return (await adminRequest(admin, 'GET', `/api/v1/persistentvolumes/${volume}`)).body.spec.hostPath.path;
}

test('a second sandbox runs beside the first, tells when a program ends, and leaves nothing when stopped', async () => {
  const folder = join(await temporaryFolder(), 'sandboxes');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const ports = [typeof address === 'object' && address !== null ? address.port : 0];
  const findPort = async () => ports.shift() ?? (await freePort());
  const sandboxes = localSandboxes({ ...site(folder), findPort });
  const events: SandboxEvent[] = [];
  const request = {
    name: 'second',
    mode: 'detached',
    emit: (event: SandboxEvent) => void events.push(event),
    signal,
  } as const;

  const sandbox = await sandboxes.start(request);
  onTestFinished(() => sandboxes.stop('second', signal).catch(() => undefined));
  expect(sandbox).toMatchObject({ context: 'appstore-sandbox-second', existing: false });
  expect(events.at(-1)).toEqual({ type: 'phase', phase: 'ready' });
  expect((await sandboxes.start(request)).existing).toBe(true);
  expect(await sandboxes.list()).toMatchObject([{ name: 'second', condition: 'running', attached: false }]);
  expect((await kube('GET', '/api/v1/nodes')).items).toHaveLength(2);

  const volume = await bindVolume(sandbox.kubeconfig);
  expect(await exists(volume)).toBe(true);
  const processes = await identities(folder, 'second');
  expect(processes).toHaveLength(6);
  const kwok = (await sandboxes.status('second')).programs.find(({ name }) => name === 'kwok');
  process.kill(kwok?.pid ?? 0, 'SIGKILL');
  // That it does not run is seen at once; how it ended, when the supervisor has written it down.
  await eventually(async () =>
    (await sandboxes.status('second')).programs.some(({ ended }) => ended !== undefined),
  );
  expect((await sandboxes.status('second')).condition).toBe('broken');
  expect((await sandboxes.status('second')).programs).toContainEqual(
    expect.objectContaining({ name: 'kwok', running: false, ended: 'signal SIGKILL' }),
  );

  await sandboxes.stop('second', signal);
  expect(await livesOn(processes)).toBe(false);
  expect(await exists(folder)).toBe(false);
  expect(await exists(volume)).toBe(false);
  const port = Number(new URL(sandbox.server).port);
  const [refused] = await once(connect(port, '127.0.0.1'), 'error');
  expect(refused.code).toBe('ECONNREFUSED');
  await expect(sandboxes.status('second')).rejects.toMatchObject({ code: 'SANDBOX_NOT_RUNNING' });
  await expect(sandboxes.stop('second', signal)).rejects.toMatchObject({ code: 'SANDBOX_NOT_RUNNING' });
});

/** Starts an attached sandbox in a process of its own. */
async function attached(folder: string) {
  const entry = resolve(import.meta.dirname, '../support/start-attached.ts');
  const child = spawn(process.execPath, [entry, folder, 'attached', inject('sandbox').cache], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('an attached sandbox ends with its starter, even when that is killed', async () => {
  const folder = join(await temporaryFolder(), 'sandboxes');
  const child = await attached(folder);
  const processes = await identities(folder, 'attached');
  const volume = await bindVolume(sandboxLayout(folder, 'attached').kubeconfig);
  child.kill('SIGKILL');
  await eventually(async () => !(await livesOn(processes)) && !(await exists(folder)));
  expect(await exists(volume)).toBe(false);
});

test('when the supervisor is killed, the programs go with it where the system can do that, and stop clears the rest', async () => {
  const folder = join(await temporaryFolder(), 'sandboxes');
  const child = await attached(folder);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [supervisor, ...programs] = await identities(folder, 'attached');
  const volume = await bindVolume(sandboxLayout(folder, 'attached').kubeconfig);
  process.kill(supervisor?.pid ?? 0, 'SIGKILL');
  const together = (await endWithParent(process.env.PATH ?? '')).length > 0;
  if (together) await eventually(async () => !(await livesOn(programs)));
  const sandboxes = localSandboxes(site(folder));
  expect((await sandboxes.status('attached')).condition).toBe(together ? 'stale' : 'broken');
  await sandboxes.stop('attached', signal);
  expect(await livesOn(programs)).toBe(false);
  expect([await exists(folder), await exists(volume)]).toEqual([false, false]);
});

test('a start that is given up leaves nothing behind', async () => {
  const folder = join(await temporaryFolder(), 'sandboxes');
  const giveUp = new AbortController();
  let processes: readonly ProcessIdentity[] = [];
  const emit = (event: SandboxEvent) => {
    if (event.type !== 'phase' || event.phase !== 'controllers') return;
    void identities(folder, 'never').then((found) => {
      processes = found;
      giveUp.abort(new Error('given up'));
    });
  };
  const request = { name: 'never', mode: 'detached', emit, signal: giveUp.signal } as const;
  await expect(localSandboxes(site(folder)).start(request)).rejects.toThrow();
  expect(processes.length).toBeGreaterThan(1);
  expect(await livesOn(processes)).toBe(false);
  expect(await exists(folder)).toBe(false);
});

test('what a machine that was started anew left is seen as dead, and cleared by the next stop', async () => {
  const folder = join(await temporaryFolder(), 'sandboxes');
  const layout = sandboxLayout(folder, 'old');
  await mkdir(layout.keys, { recursive: true });
  const self = await identify(process.pid);
  const other = { pid: process.pid, born: `${self?.born} before` };
  const program = { name: 'etcd', process: other, log: 'x' };
  await writeFile(layout.processesFile, JSON.stringify({ supervisor: other, programs: [program] }));
  const sandboxes = localSandboxes(site(folder));
  expect((await sandboxes.status('old')).condition).toBe('stale');
  await sandboxes.stop('old', signal);
  expect(await exists(folder)).toBe(false);
});

test('a name that is no folder name is refused', async () => {
  const folder = await temporaryFolder();
  for (const name of ['../up', 'Upper', '', 'a'.repeat(41)]) {
    const start = localSandboxes(site(folder)).start({
      name,
      mode: 'detached',
      emit: () => undefined,
      signal,
    });
    await expect(start).rejects.toMatchObject({ code: 'NAME_INVALID' });
  }
  expect(await readdir(folder)).toEqual([]);
  expect(sandboxContext('default')).toBe('appstore-sandbox');
});
