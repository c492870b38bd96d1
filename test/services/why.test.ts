import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/domain/errors.ts';
import { why } from '../../src/services/why.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const name = { namespace: 'shop', name: 'one' };
const signal = new AbortController().signal;

async function world(): Promise<{ cluster: MemoryCluster; harness: ChangeHarness }> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const app = { version: '1.0.0', objects: () => [configMap('one-config'), deployment('one-web')] };
  return { cluster, harness: changeHarness({ ...name, cluster, app }) };
}

const denied = new ApiError('ADMISSION_DENIED', 'Deployment/shop/one-web: denied by policy no-latest', {
  status: 403,
  reason: 'Forbidden',
  fieldConflicts: [],
  causes: [],
});

/** The Deployment is let through by the dry run and refused in earnest. */
function refuseDeployment(cluster: MemoryCluster): void {
  cluster.fail((one) => one.kind === 'Deployment' && one.verb === 'patch' && !one.dryRun, denied);
}

async function refused(): Promise<Awaited<ReturnType<typeof world>>> {
  const made = await world();
  refuseDeployment(made.cluster);
  await expect(made.harness.install()).rejects.toMatchObject({ code: 'ADMISSION_DENIED' });
  return made;
}

describe('why', () => {
  it('explains what was never created by how its revision failed', async () => {
    const { harness } = await refused();
    const report = await why(harness.deps, name, signal);
    expect(report).toMatchObject({
      health: 'unhealthy',
      failed: { number: 1, cause: 'ADMISSION_DENIED' },
      diagnosis: { cause: 'ADMISSION_DENIED', message: expect.stringContaining('policy no-latest') },
    });
    expect(report.diagnosis?.findings).toMatchObject([
      { ref: { kind: 'Deployment' }, cause: 'MISSING', reason: 'it was never created' },
    ]);
  });

  it('knows next week how a revision failed that never came to waiting', async () => {
    const { harness } = await refused();
    const report = await why(harness.deps, { ...name, revision: 1 }, signal);
    expect(report).toMatchObject({
      source: 'record',
      diagnosis: { cause: 'ADMISSION_DENIED', message: expect.stringContaining('policy no-latest') },
      problems: [],
    });
  });

  it('tells of a failed change also where the revision before is well', async () => {
    const { cluster, harness } = await world();
    await harness.install();
    refuseDeployment(cluster);
    harness.app = {
      version: '1.1.0',
      objects: () => [configMap('one-config'), deployment('one-web', { replicas: 2 })],
    };
    await expect(harness.upgrade()).rejects.toMatchObject({ code: 'ADMISSION_DENIED' });
    const report = await why(harness.deps, name, signal);
    expect(report).toMatchObject({ health: 'healthy', failed: { number: 2, cause: 'ADMISSION_DENIED' } });
    expect(report.diagnosis).toBeUndefined();
  });

  it('says what may not be read, and guesses nothing', async () => {
    const { cluster, harness } = await world();
    await harness.install();
    const user = cluster.as('reader', ({ resource }) => resource === 'configmaps' || resource === 'secrets');
    const { clusterRecords } = await import('../../src/adapters/kubernetes/records.ts');
    const deps = { ...harness.deps, cluster: user, records: clusterRecords(user) };
    const report = await why(deps, name, signal);
    expect(report.diagnosis).toMatchObject({
      cause: 'FORBIDDEN',
      findings: [{ ref: { kind: 'Deployment' }, reason: 'you may not read it', evidence: [] }],
    });
  });

  it('needs no Secret of the record: what is gone is told', async () => {
    const { cluster, harness } = await world();
    await harness.install();
    const secrets = { group: '', version: 'v1', kind: 'Secret' };
    const { items } = await cluster.listMetadata(secrets, { namespace: 'shop' });
    for (const { metadata } of items)
      await cluster.delete({ ...secrets, namespace: 'shop', name: metadata.name });
    const report = await why(harness.deps, name, signal);
    expect(report).toMatchObject({ health: 'healthy' });
    expect(report.problems[0]?.message).toMatch(/^secrets cannot be recognised and masked: .* is missing$/);
  });

  it('says that an operation is not finished', async () => {
    const { harness } = await world();
    const abort = new AbortController();
    const emit = (event: { readonly type: string }) => {
      if (event.type === 'written') abort.abort(new Error('cut'));
    };
    await expect(harness.install({}, { signal: abort.signal, emit })).rejects.toBeDefined();
    const report = await why(harness.deps, name, signal);
    expect(report.problems[0]?.message).toMatch(/^install begun at .* by test is not finished$/);
  });
});
