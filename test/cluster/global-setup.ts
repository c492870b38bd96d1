import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { sandboxLayout } from '../../src/adapters/sandbox/layout.ts';
import { startSandbox } from '../../src/adapters/sandbox/start.ts';
import { readState } from '../../src/adapters/sandbox/state.ts';
import { adminRequest, readAdmin } from '../support/admin.ts';
import { defaultCache, sandboxAssets, supervisorEntry } from '../support/sandbox-parts.ts';
import { setTrap } from '../support/trap.ts';

/** What every test of the cluster project can `inject('sandbox')`. */
export interface TestSandbox {
  readonly name: string;
  /** Folder of the sandboxes, for `issueUserKubeconfig`. */
  readonly sandboxes: string;
  readonly kubeconfig: string;
  /** Folder of the tool's cache, where the programs are. */
  readonly cache: string;
  /** An empty home, in which nothing of the user's can be found. */
  readonly home: string;
  /** The kubeconfig that KUBECONFIG names: nobody may ever use it. */
  readonly trap: string;
  /** Value of the label that every namespace of this run carries. */
  readonly run: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    sandbox: TestSandbox;
  }
}

/** Starts one sandbox for the whole run, or takes the one that APPSTORE_TEST_CLUSTER names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'appstore-test-'));
  try {
    return await prepare(project, home);
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(project: TestProject, home: string): Promise<() => Promise<void>> {
  const run = basename(home).toLowerCase();
  const given = process.env.APPSTORE_TEST_CLUSTER;
  const { stop, ...sandbox } = given === undefined ? await ownSandbox(home) : await givenSandbox(given);
  const trap = await setTrap(home);
  project.provide('sandbox', { ...sandbox, cache: defaultCache(), home, trap: trap.kubeconfig, run });
  return async () => {
    await stop(run);
    const visits = await trap.close();
    await rm(home, { recursive: true, force: true });
    if (visits > 0) throw new Error(`${visits} connections went to the cluster of the ambient KUBECONFIG`);
  };
}

interface Started {
  readonly name: string;
  readonly sandboxes: string;
  readonly kubeconfig: string;
  stop(run: string): Promise<void>;
}

async function ownSandbox(home: string): Promise<Started> {
  const sandboxes = join(home, 'sandboxes');
  const sandbox = await startSandbox({
    name: 'test',
    folders: { cache: defaultCache(), sandboxes },
    assets: sandboxAssets,
    supervisor: supervisorEntry,
    environment: process.env,
    mode: 'attached',
    emit: () => undefined,
    signal: new AbortController().signal,
  });
  return { name: 'test', sandboxes, kubeconfig: sandbox.kubeconfig, stop: () => sandbox.stop() };
}

/** Accepts the kubeconfig of one of our sandboxes only: tests create and delete as they like. */
async function givenSandbox(kubeconfig: string): Promise<Started> {
  const folder = dirname(resolve(kubeconfig));
  const [sandboxes, name] = [dirname(folder), basename(folder)];
  const layout = sandboxLayout(sandboxes, name);
  const state = await readState(layout);
  if (state === undefined || layout.kubeconfig !== resolve(kubeconfig)) {
    throw new Error(`APPSTORE_TEST_CLUSTER=${kubeconfig}: not the kubeconfig of a running sandbox`);
  }
  return {
    name,
    sandboxes,
    kubeconfig: layout.kubeconfig,
    stop: (run) => deleteNamespaces(layout.kubeconfig, run),
  };
}

async function deleteNamespaces(kubeconfig: string, run: string): Promise<void> {
  const admin = await readAdmin(kubeconfig);
  const list = await adminRequest(admin, 'GET', `/api/v1/namespaces?labelSelector=appstore-test%3D${run}`);
  const { items } = list.body as { items: readonly { metadata: { name: string } }[] };
  await Promise.all(
    items.map(({ metadata }) => adminRequest(admin, 'DELETE', `/api/v1/namespaces/${metadata.name}`)),
  );
}
