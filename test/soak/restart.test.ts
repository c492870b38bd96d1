import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/adapters/sandbox/start.ts';
import { issueUserKubeconfig } from '../../src/adapters/sandbox/users.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { type Admin, adminRequest, readAdmin } from '../support/admin.ts';
import { cli } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { proofPackage } from '../support/proofs/proof-package.ts';
import { sandboxAssets, supervisorEntry } from '../support/sandbox-parts.ts';
import { tell } from './bounds.ts';

/** A sandbox of this test alone: the programs of its control plane and nodes are killed and started again, etcd is not. */
async function ownSandbox() {
  const sandboxes = join(inject('sandbox').home, 'restarted');
  const sandbox = await startSandbox({
    name: 'restart',
    folders: { cache: inject('sandbox').cache, sandboxes },
    assets: sandboxAssets,
    supervisor: supervisorEntry,
    environment: process.env,
    mode: 'attached',
    emit: () => undefined,
    signal: new AbortController().signal,
  });
  onTestFinished(() => sandbox.stop());
  const programs = await programsOf(sandbox.folder);
  onTestFinished(() => {
    for (const { kill } of programs) kill();
  });
  const [server, ...others] = programs;
  const admin = await readAdmin(sandbox.kubeconfig);
  return {
    kubeconfig: sandbox.kubeconfig,
    /** A user with the role `admin` in the namespace `default`, who depends on roles that a new API server has to read first. */
    userKubeconfig: async () => {
      await adminRequest(
        admin,
        'POST',
        '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
        {
          metadata: { name: 'ann' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
        },
      );
      const file = join(sandboxes, 'ann.kubeconfig');
      await writeFile(file, await issueUserKubeconfig({ sandboxes, name: 'restart', user: 'ann' }), {
        mode: 0o600,
      });
      return file;
    },
    /**
     * Kills what a control-plane node runs, and starts it again after so many milliseconds: first the API server, and the rest when
     * that is ready. Left running, the rest does not come back in any known time, whatever is done to the app: the controller of
     * StatefulSets works with what it last read of their revisions (`UpdateControllerRevision` of Kubernetes 1.36 turns the conflict
     * into "resource name may not be empty") and waits twice as long after each try, and the simulated nodes report no status again
     * whose answer was lost (`shouldRetry` of kwok 0.8).
     */
    restart: async (away: number) => {
      for (const { kill } of programs) kill();
      await sleep(away);
      server?.start();
      await answering(admin);
      for (const { start } of others) start();
    },
  };
}

interface Program {
  readonly kill: () => void;
  readonly start: () => void;
}

/** What runs in a sandbox beside etcd, the API server first. */
async function programsOf(folder: string): Promise<Program[]> {
  const file = JSON.parse(await readFile(join(folder, 'processes.json'), 'utf8')) as {
    programs: readonly { name: string; process: { pid: number } }[];
  };
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];
  return Promise.all(
    names.map(async (name) => {
      const pid = file.programs.find((program) => program.name === name)?.process.pid;
      if (pid === undefined) throw new Error(`the sandbox has no ${name}`);
      const [command = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8'))
        .split('\0')
        .slice(0, -1);
      const env = { PATH: process.env.PATH, HOME: folder, KWOK_WORKDIR: folder };
      let restarted: ChildProcess | undefined;
      let first = true;
      return {
        kill: () => {
          if (first) process.kill(pid, 'SIGKILL');
          else restarted?.kill('SIGKILL');
          first = false;
        },
        start: () => {
          restarted = spawn(command, args, { cwd: folder, env, stdio: 'ignore' });
        },
      };
    }),
  );
}

/** Waits until the API server is ready: its controllers would give up after ten seconds. */
async function answering(admin: Admin): Promise<void> {
  const ready = () =>
    adminRequest(admin, 'GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await ready())) await sleep(100);
}

/** Waits until the record says that an operation runs, from when on everything is written, or until the operation has ended. */
async function begun(cluster: Cluster, running: Promise<unknown>): Promise<void> {
  let ended = false;
  running.finally(() => {
    ended = true;
  });
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'appstore.one' };
  const state = async () => (await cluster.getMetadata(ref))?.metadata.annotations?.['appstore.dev/state'];
  while (!ended && !(await state())?.endsWith('ing')) await sleep(10);
}

test.each(['an administrator', 'a user with the role admin'] as const)(
  'API servers that restart during install, upgrade, rollback and remove are ridden out, for %s (row 31)',
  { timeout: 900_000 },
  async (who) => {
    const [sandbox, home] = [await ownSandbox(), inject('sandbox').home];
    const cluster = await testCluster(sandbox.kubeconfig);
    onTestFinished(() => cluster.close());
    const kubeconfig = who === 'an administrator' ? sandbox.kubeconfig : await sandbox.userKubeconfig();
    const common = ['-n', 'default', '--kubeconfig', kubeconfig, '--timeout', '3m', '-o', 'json'];
    const commands = [
      ['install', await proofPackage(home, 1), 'one'],
      ['upgrade', 'one', await proofPackage(home, 2)],
      ['rollback', 'one', '1'],
      ['remove', 'one', '--yes'],
    ];
    for (const argv of commands) {
      const running = cli([...argv, ...common]);
      await begun(cluster, running);
      const [result] = await Promise.all([running, sandbox.restart(2_000)]);
      expect([result.code, result.stderr], `${argv[0]}\n${result.stderr}`).toEqual([0, expect.anything()]);
      const removed = argv[0] === 'remove';
      expect(
        await checkInstallation(cluster, { namespace: 'default', name: 'one' }, { generated: removed }),
        argv[0],
      ).toEqual([]);
    }
    tell(
      `restart: ${commands.length} operations of ${who}, the control plane killed and started again during each`,
    );
  },
);
