import { beforeEach, describe, expect, it } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { applySetId } from '../../src/domain/ownership.ts';
import { doctor } from '../../src/services/doctor.ts';
import { forget } from '../../src/services/forget.ts';
import type { Catalog } from '../../src/services/ports.ts';
import type { DoctorReport, Finding } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const signal = new AbortController().signal;
const session = { emit: () => {}, signal };

describe('the doctor', () => {
  let harness: ChangeHarness;

  beforeEach(() => {
    harness = changeHarness({
      cluster: createMemoryCluster({ simulate: true }),
      namespace: 'team',
      name: 'one',
      app: { version: '1.0.0', objects: () => [configMap('one-config', {}), deployment('one-web')] },
    });
  });

  const examine = (
    over: { connect?: () => Promise<never>; catalogs?: readonly Catalog[]; now?: string } = {},
  ): Promise<DoctorReport> =>
    doctor(
      {
        browse: { catalogs: over.catalogs ?? harness.deps.catalogs, renderers: [] },
        clock: { now: () => new Date(over.now ?? '2026-01-10T00:00:00Z') },
        connect: over.connect ?? (async () => harness.deps),
      },
      {},
      signal,
    );
  const find = ({ findings }: DoctorReport, check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check && finding.fix !== undefined) ??
    findings.find((finding) => finding.check === check);

  it('finds nothing wrong after an install', async () => {
    await harness.install({ createNamespace: true });
    const report = await examine();
    expect(report.healthy).toBe(true);
    expect(find(report, 'installations')?.message).toBe('1 installation in all namespaces');
    expect(report.findings.filter(({ area, state }) => area === 'state' && state !== 'ok')).toEqual([]);
  });

  it('tells every thing that the cluster lacks, with a fix', async () => {
    const lacks = (await examine()).findings.filter(
      ({ area, state }) => area === 'cluster' && state === 'warning',
    );
    expect(lacks.map(({ check }) => check).sort()).toEqual(expect.arrayContaining(['metrics']));
    expect(lacks.every(({ fix }) => fix !== undefined)).toBe(true);
  });

  it('examines the catalogs where the cluster cannot be reached', async () => {
    const report = await examine({
      connect: async () => {
        throw new AppstoreError('CLUSTER_UNREACHABLE', 'nobody answers', { hint: 'Look at the VPN.' });
      },
    });
    expect(report.healthy).toBe(false);
    expect(find(report, 'reach')).toMatchObject({
      state: 'problem',
      message: 'nobody answers',
      fix: 'Look at the VPN.',
    });
    expect(find(report, 'test')).toMatchObject({ area: 'catalogs', state: 'ok', message: '1 app' });
  });

  it('calls a right that is missing what it is', async () => {
    const report = await examine({
      connect: async () => {
        throw new AppstoreError('FORBIDDEN', 'configmaps is forbidden');
      },
    });
    expect(find(report, 'rights')).toMatchObject({ state: 'problem', message: 'configmaps is forbidden' });
  });

  it('names a catalog that cannot be read, with the place', async () => {
    const [catalog] = harness.deps.catalogs;
    const broken: Catalog = {
      ...(catalog as Catalog),
      search: async () => {
        throw new AppstoreError('PACKAGE_INVALID', 'app.yaml is broken', {
          problems: [{ message: 'no name', at: 'apps/x/app.yaml:3:1' }],
        });
      },
    };
    expect(find(await examine({ catalogs: [broken] }), 'test')).toMatchObject({
      state: 'problem',
      message: 'app.yaml is broken (apps/x/app.yaml:3:1)',
    });
  });

  it.each([
    ['2026-01-23T00:00:00Z', undefined, undefined],
    ['2026-01-25T00:00:00Z', 'warning', /ends soon: 2026-01-31T00:00:00Z/],
    ['2026-01-30T23:59:59Z', 'warning', /ends soon/],
    ['2026-01-31T00:00:00Z', 'problem', /counted until 2026-01-31T00:00:00Z: nothing is installed/],
  ])('tells that the signature of a catalog ends soon, or is over (%s)', async (now, state, message) => {
    const [catalog] = harness.deps.catalogs;
    const signedFor = async () => ({ issued: '2026-01-01T00:00:00Z', expires: '2026-01-31T00:00:00Z' });
    const { findings } = await examine({ catalogs: [{ ...(catalog as Catalog), signedFor }], now });
    const [readable, signature] = findings.filter(({ area }) => area === 'catalogs');
    expect(readable).toMatchObject({ state: 'ok' });
    if (state === undefined) expect(signature).toBeUndefined();
    else
      expect(signature).toMatchObject({
        state,
        message: expect.stringMatching(message),
        fix: expect.stringMatching(/catalog update test/),
      });
  });

  it('finds an operation that was cut, and a failed one', async () => {
    const stop = new AbortController();
    const cut = harness.install(
      { createNamespace: true },
      { emit: (event) => event.type === 'written' && stop.abort(), signal: stop.signal },
    );
    await expect(cut).rejects.toThrow();
    expect(find(await examine(), 'team/one')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('installing since'),
      fix: expect.stringContaining('appstore status one -n team'),
    });
  });

  it('finds objects and a namespace that nobody manages any more (row 20)', async () => {
    await harness.install({ createNamespace: true });
    await forget(harness.deps, { namespace: 'team', name: 'one', confirmed: true, holder: 'test' }, session);
    const report = await examine();
    expect(find(report, 'one')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('ConfigMap/team/one-config'),
    });
    expect(find(report, 'Namespace/team')).toMatchObject({
      state: 'warning',
      fix: expect.stringContaining('kubectl delete namespace team'),
    });
  });

  it('advises to delete no namespace that others need, or that holds volumes', async () => {
    await harness.install({ createNamespace: true });
    harness.app = { version: '1.1.0', objects: () => [configMap('two-config', {})] };
    await harness.install({ name: 'two' });
    await harness.remove();
    expect(find(await examine(), 'Namespace/team')).toEqual({
      area: 'state',
      check: 'Namespace/team',
      state: 'ok',
      message: 'made by the install of one, which is removed; 1 installation is in it',
    });
    await harness.remove({ name: 'two' });
    const labels = { 'applyset.kubernetes.io/part-of': applySetId('team', 'one') };
    await harness.deps.cluster.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-one-0', namespace: 'team', labels },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const left = find(await examine(), 'Namespace/team');
    expect(left).toMatchObject({
      state: 'ok',
      message:
        'made by the install of one, which is removed; still in it: PersistentVolumeClaim/team/data-one-0',
    });
    expect(left).not.toHaveProperty('fix');
  });

  it('finds the parts of a record whose index is gone', async () => {
    await harness.install({ createNamespace: true });
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'appstore.one' };
    await harness.deps.cluster.delete(ref);
    expect(find(await examine(), 'team/one')).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(/^\d+ parts of a record without its index$/),
    });
  });

  it('tells an operation that was cut before it was recorded, and how to go on', async () => {
    await harness.install({ createNamespace: true });
    const index = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'appstore.one' };
    await harness.deps.cluster.delete(index);
    await harness.deps.cluster.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'appstore.one', namespace: 'team', labels: { 'appstore.dev/installation': 'one' } },
      spec: { holderIdentity: 'ann #1', leaseDurationSeconds: 15 },
    });
    expect(find(await examine(), 'team/one')).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(
        /^an operation that was cut before it was recorded, or is under way: \d+ parts of it$/,
      ),
      fix: expect.stringContaining('`appstore remove one -n team` takes them away'),
    });
  });

  it('strips what would steer a terminal from what others wrote', async () => {
    await harness.install({ createNamespace: true });
    await harness.deps.cluster.mergePatch(
      { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'appstore.one' },
      {
        metadata: {
          annotations: { 'appstore.dev/state': 'installing', 'appstore.dev/updated-at': '\u001b[2J' },
        },
      },
    );
    expect(JSON.stringify(await examine())).not.toContain('\\u001b');
  });
});
