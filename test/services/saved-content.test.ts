import { beforeEach, describe, expect, it } from 'vitest';
import { plain } from '../../src/cli/views/color.ts';
import { savedPlanView } from '../../src/cli/views/saved-plan.ts';
import type { PlanFile } from '../../src/domain/plan-file.ts';
import { approve, newApprovalKey, refusePrivateKey } from '../../src/services/approval.ts';
import { unpackPlan } from '../../src/services/prepare-saved.ts';
import type { ChangeRequest } from '../../src/services/requests.ts';
import { savePlan } from '../../src/services/save-plan.ts';
import { requireBound, savedContent } from '../../src/services/saved-content.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop', name: 'one' };
const given = { values: { size: 7, token: 'given-by-hand' }, secretRefs: [] };
const session = { emit: () => {}, signal: new AbortController().signal };
const schema = {
  type: 'object',
  properties: {
    password: { type: 'string', format: 'password', 'x-generate': { length: 24 } },
    token: { type: 'string', format: 'password' },
    size: { type: 'integer' },
  },
} as const;

let harness: ChangeHarness;
beforeEach(async () => {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  harness = changeHarness({
    cluster,
    ...at,
    app: {
      version: '1.0.0',
      schema,
      objects: ({ values }) => [
        configMap('one-config', { url: `db://app:${values.password}@db?token=${values.token}` }),
        deployment('one-web', { replicas: Number(values.size) }),
      ],
    },
  });
});

const made = async (over: Partial<ChangeRequest> = {}): Promise<PlanFile> => {
  const request = { ...harness.request('install'), given, requireApproval: true, ...over };
  return (await savePlan(harness.deps, request, session)).file;
};
const content = async (file: PlanFile) => savedContent(file, await unpackPlan(file));
const style = { palette: plain, width: 200, wide: false, now: new Date(0) };

describe('what a saved plan shows', () => {
  it('is the values, the images and every field, without a secret', async () => {
    const file = await made();
    const shown = await content(file);
    expect(shown.values).toEqual({ size: 7, token: '********' });
    expect(shown.images).toEqual([{ image: 'example.com/web:1', used: ['Deployment/one-web web'] }]);
    const text = await savedPlanView(shown, true).text(style);
    expect(text).toContain('      .data.url: db://app:********@db?token=********\n');
    expect(text).toContain('      .spec.replicas: 7\n');
    expect(text).toContain('Values that were given:\n  size: 7\n');
    expect(text).toContain('Images:\n  example.com/web:1\n');
    expect(text).toContain('It demands an approval. Nobody has approved it.');
    expect(text).not.toContain('<seal:');
    expect(JSON.stringify(shown)).not.toContain('given-by-hand');
  });

  it('is what is applied, whatever the file says of it', async () => {
    const file = await made();
    const unpacked = await unpackPlan(file);
    const [first, ...others] = unpacked.plan.objects;
    if (first === undefined) throw new Error('nothing is planned');
    const lying = { ...first, desired: configMap(first.ref.name, { url: 'harmless' }) };
    const objects = [lying, ...others];
    const shown = savedContent(file, { ...unpacked, plan: { ...unpacked.plan, objects } });
    expect(JSON.stringify(shown.plan)).not.toContain('harmless');
    const hiding = { ...unpacked, plan: { ...unpacked.plan, objects: others } };
    expect(() => requireBound(file, hiding.plan)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it('is who approved it with which key, and whether that holds', async () => {
    const { privateKey } = newApprovalKey();
    const approved = approve(await made(), { key: privateKey, by: 'ann', at: '2026-01-02T03:04:05Z' });
    const [approval] = (await content(approved)).approvals;
    expect(approval).toMatchObject({ by: 'ann', holds: true });
    expect(approval?.keyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const text = await savedPlanView(await content(approved), false).text(style);
    expect(text).toContain(`Approved by ann at 2026-01-02T03:04:05Z, with the key ${approval?.keyDigest}.`);
    const changed = await content({ ...approved, requireApproval: false });
    expect(changed.approvals).toMatchObject([{ by: 'ann', holds: false }]);
    expect(await savedPlanView(changed, false).text(style)).toContain('The approval of ann');
  });
});

it('a private key is refused where a public one is wanted, and not told', () => {
  const { privateKey, publicKey } = newApprovalKey();
  expect(() => refusePrivateKey(publicKey, 'ann.pub')).not.toThrow();
  const secret = privateKey.split('\n')[1] ?? '';
  try {
    refusePrivateKey(privateKey, 'ann.pem');
    expect.fail('it was taken');
  } catch (error) {
    expect(error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('ann.pem: it is a private key'),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain(secret);
  }
});
