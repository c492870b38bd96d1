import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlanFile, parsePlanFile } from '../../src/domain/plan-file.ts';
import { secretForms } from '../../src/domain/secret-forms.ts';
import { approve, newApprovalKey } from '../../src/services/approval.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { unpackPlan } from '../../src/services/prepare-saved.ts';
import type { ChangeRequest, SavedPlan } from '../../src/services/requests.ts';
import { type MadePlan, savePlan } from '../../src/services/save-plan.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change-setup.ts';

const schema = {
  type: 'object',
  properties: {
    password: { type: 'string', format: 'password', 'x-generate': { length: 24 } },
    token: { type: 'string', format: 'password' },
    size: { type: 'integer', default: 1 },
  },
} as const;

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** What a saved plan promises, on any implementation of the Cluster port. */
export function savedPlanContract(name: string, setUp: () => Promise<ChangeSetup>): void {
  describe(`a saved plan on ${name}`, () => {
    let setup: ChangeSetup;
    let cluster: Cluster;
    let harness: ChangeHarness;
    const session = { emit: () => {}, signal: new AbortController().signal };
    const ref = (kind: 'ConfigMap' | 'Deployment', object: string) => ({
      group: kind === 'Deployment' ? 'apps' : '',
      version: 'v1',
      kind,
      namespace: setup.namespace,
      name: object,
    });
    const data = async () => (await harness.get('v1', 'ConfigMap', 'one-config'))?.data;
    const set = (version: string, extra: Record<string, string> = {}) => {
      harness.app = {
        version,
        schema,
        objects: ({ values }) => [
          configMap('one-config', {
            url: `db://app:${values.password}@db`,
            encoded: base64(`token=${values.token ?? 'none'}`),
            ...extra,
          }),
          deployment('one-web', { replicas: Number(values.size ?? 1) }),
        ],
      };
    };
    const save = (
      operation: ChangeRequest['operation'],
      over: Partial<ChangeRequest> & { requireApproval?: boolean } = {},
    ): Promise<MadePlan> =>
      savePlan(harness.deps, { ...harness.request(operation), requireApproval: false, ...over }, session);
    /** As it comes back from a file. */
    const open = async (file: PlanFile, approvedBy: readonly string[] = []): Promise<SavedPlan> => {
      const read = parsePlanFile(JSON.stringify(file), 'plan.json');
      return { file: read, plan: (await unpackPlan(read)).plan, approvedBy };
    };
    const install = async (made: MadePlan, over: Partial<ChangeRequest> = {}) =>
      harness.install({ saved: await open(made.file), ...over });
    const upgrade = async (made: MadePlan, over: Partial<ChangeRequest> = {}) =>
      harness.upgradeBare({ saved: await open(made.file), ...over });

    beforeEach(async () => {
      setup = await setUp();
      cluster = setup.cluster;
      harness = changeHarness({ ...setup, name: 'one', app: { version: '1.0.0', objects: () => [] } });
      set('1.0.0');
    });
    afterEach(() => setup.dispose());

    it('is carried out as it was planned, whatever the catalog has by now', async () => {
      const made = await save('install');
      expect(await data()).toBeUndefined();
      set('9.9.9', { late: 'yes' });
      const result = await install(made);
      expect(result.record).toMatchObject({ version: '1.0.0', revision: 1, state: 'deployed' });
      expect(await data()).not.toHaveProperty('late');
      const secrets = await harness.deps.records.readGenerated(setup.namespace, 'one');
      expect((await data())?.url).toBe(`db://app:${secrets.password}@db`);
    });

    it('holds no secret, generated or given, in any form (row 24)', async () => {
      await harness.install({ given: { values: { token: 'given-by-hand' }, secretRefs: [] } });
      const { password = '' } = await harness.deps.records.readGenerated(setup.namespace, 'one');
      set('1.1.0');
      const made = await save('upgrade');
      const { plan, sealed, package: files } = await unpackPlan(made.file);
      const text = JSON.stringify({ file: made.file, plan, sealed, files });
      for (const secret of [password, 'given-by-hand'])
        for (const form of [base64(secret), ...secretForms([secret])]) expect(text).not.toContain(form);
      // Both are in the record: nothing has to be given again.
      const result = await upgrade(made);
      expect(result.record).toMatchObject({ version: '1.1.0', revision: 2 });
      expect(await data()).toMatchObject({
        url: `db://app:${password}@db`,
        encoded: base64('token=given-by-hand'),
      });
    });

    it('takes given secrets again, and refuses others and their absence by their paths', async () => {
      const given = { values: { token: 'given-by-hand' }, secretRefs: [] };
      const made = await save('install', { given });
      await expect(install(made)).rejects.toMatchObject({
        code: 'PLAN_SECRETS',
        problems: [{ at: 'token' }],
      });
      const wrong = install(made, { given: { ...given, values: { token: 'another' } } });
      await expect(wrong).rejects.toMatchObject({
        code: 'PLAN_SECRETS',
        problems: [{ at: 'token', message: expect.stringContaining('not the one') }],
      });
      expect(await data()).toBeUndefined();
      await install(made, { given });
      expect((await data())?.encoded).toBe(base64('token=given-by-hand'));
    });

    it.each<[string, () => Promise<unknown>, RegExp]>([
      [
        'an object was changed',
        () => cluster.mergePatch(ref('ConfigMap', 'one-config'), { data: { more: 'x' } }),
        /ConfigMap.*was changed/,
      ],
      [
        'an object was deleted',
        () => cluster.delete(ref('ConfigMap', 'one-config')),
        /ConfigMap.*was deleted/,
      ],
      [
        'the installation was changed',
        () => harness.upgrade({ given: { values: { size: 2 }, secretRefs: [] } }),
        /its record changed/,
      ],
    ])('is refused where %s, and says what moved', async (_, move, told) => {
      await harness.install();
      set('1.1.0', { new: 'key' });
      const made = await save('upgrade');
      await move();
      const before = await harness.deps.records.read(setup.namespace, 'one');
      const failure = await upgrade(made).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'PLAN_STALE' });
      expect(
        JSON.stringify([(failure as Error).message, (failure as { problems: unknown }).problems]),
      ).toMatch(told);
      expect(await harness.deps.records.read(setup.namespace, 'one')).toEqual(before);
    });

    it('is refused where somebody made what it would create', async () => {
      const made = await save('install');
      const theirs = configMap('one-config', {});
      await cluster.create({ ...theirs, metadata: { ...theirs.metadata, namespace: setup.namespace } });
      await expect(install(made)).rejects.toMatchObject({ category: 'conflict' });
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeUndefined();
    });

    it('survives what says nothing: status, restarts, and labels of others on what is not changed', async () => {
      await harness.install();
      set('1.1.0', { new: 'key' });
      const made = await save('upgrade');
      await cluster.mergePatch(ref('Deployment', 'one-web'), { metadata: { labels: { theirs: 'yes' } } });
      expect((await upgrade(made)).record).toMatchObject({ version: '1.1.0' });
    });

    it('puts a password that is made later into base64 within base64, where registries want it', async () => {
      const auth = (password: unknown) =>
        base64(JSON.stringify({ auths: { r: { auth: base64(`user:${password}`) } } }));
      harness.app = {
        version: '1.0.0',
        schema,
        objects: ({ values }) => [
          configMap('one-config', {
            config: auth(values.password),
            header: `Basic ${base64(`u:${values.password}`)}`,
          }),
        ],
      };
      await install(await save('install'));
      const { password } = await harness.deps.records.readGenerated(setup.namespace, 'one');
      expect(await data()).toEqual({ config: auth(password), header: `Basic ${base64(`u:${password}`)}` });
    });

    it('goes back to a revision with the secret that it had then, which the file does not hold', async () => {
      await harness.install({ given: { values: { token: 'the-first-token' }, secretRefs: [] } });
      await harness.upgrade({ given: { values: { token: 'the-second-token' }, secretRefs: [] } });
      const made = await save('rollback');
      const text = JSON.stringify([made.file, (await unpackPlan(made.file)).sealed]);
      for (const secret of ['the-first-token', 'the-second-token'])
        for (const form of secretForms([secret])) expect(text).not.toContain(form);
      await harness.rollback({ saved: await open(made.file) });
      expect((await data())?.encoded).toBe(base64('token=the-first-token'));
    });

    it('is refused where its package has other files than its digest says', async () => {
      const made = await save('install');
      const packageDigest = `sha256:${'0'.repeat(64)}`;
      const bound = { ...made.file.bound, packageDigest };
      await expect(harness.install({ saved: await open({ ...made.file, bound }) })).rejects.toMatchObject({
        code: 'PLAN_INVALID',
      });
      expect(await data()).toBeUndefined();
    });

    it('is refused where an autoscaler came that sets the replicas it would set (row 8)', async () => {
      await harness.install({ given: { values: { size: 2 }, secretRefs: [] } });
      const made = await save('upgrade', { given: { values: { size: 3 }, secretRefs: [] } });
      await cluster.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'one-web', namespace: setup.namespace },
        spec: {
          minReplicas: 2,
          maxReplicas: 5,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'one-web' },
        },
      });
      await expect(upgrade(made)).rejects.toMatchObject({
        code: 'PLAN_STALE',
        problems: expect.arrayContaining([{ message: expect.stringContaining('autoscalers') }]),
      });
    });

    it('is refused for another cluster', async () => {
      const made = await save('install');
      const elsewhere = { ...made.file, bound: { ...made.file.bound, clusterUid: 'another' } };
      await expect(harness.install({ saved: await open(elsewhere) })).rejects.toMatchObject({
        code: 'PLAN_STALE',
        problems: [{ message: expect.stringContaining('another cluster') }],
      });
    });

    it('is known by its namespace to who may not read the UID of the cluster, wherever it is reached', async () => {
      const metadata = { name: 'kube-root-ca.crt', namespace: setup.namespace };
      await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata }).catch(() => undefined);
      const { file, plan } = await save('install');
      const elsewhere = { ...plan, target: { ...plan.target, server: 'https://inside:443' } };
      const bare: Cluster = { ...cluster, uid: async () => '' };
      const other = changeHarness({ ...setup, cluster: bare, name: 'one', app: harness.app });
      const carryOut = (bound: object) =>
        other.install({
          saved: { file: { ...file, bound: { ...file.bound, ...bound } }, plan: elsewhere, approvedBy: [] },
        });
      await expect(carryOut({ namespaceMark: 'of another' })).rejects.toMatchObject({ code: 'PLAN_STALE' });
      await expect(carryOut({})).resolves.toMatchObject({ outcome: 'changed' });
    });

    it('waits for an approval where it or who carries it out demands one, over just this plan', async () => {
      const [ann, bob] = [newApprovalKey(), newApprovalKey()];
      const made = await save('install', { requireApproval: true });
      const run = async (file: PlanFile, keys: readonly string[]) =>
        harness.install({ saved: await open(file, keys) });
      const refused = { code: 'PLAN_NOT_APPROVED', category: 'forbidden' };
      await expect(run(made.file, [])).rejects.toMatchObject(refused);
      await expect(run(made.file, [ann.publicKey])).rejects.toMatchObject(refused);
      const approved = approve(made.file, { key: ann.privateKey, by: 'ann', at: '2026-01-01T00:00:00Z' });
      await expect(run(approved, [])).rejects.toMatchObject(refused);
      await expect(run(approved, [bob.publicKey])).rejects.toMatchObject(refused);
      const changed = { ...approved, bound: { ...approved.bound, createNamespace: true } };
      await expect(run(changed, [ann.publicKey])).rejects.toMatchObject(refused);
      const dropped = { ...made.file, requireApproval: false };
      await expect(run(dropped, [ann.publicKey])).rejects.toMatchObject(refused);
      expect((await run(approved, [bob.publicKey, ann.publicKey])).outcome).toBe('changed');
    });
  });
}
