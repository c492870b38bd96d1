import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';
import { unique } from './setup.ts';

const schema = {
  type: 'object',
  properties: {
    password: { type: 'string', format: 'password', 'x-generate': { length: 24 } },
    size: { type: 'string', default: 'small' },
  },
} as const;

describe('an upgrade that would render to the same', () => {
  const cluster = createMemoryCluster({ simulate: true });
  let harness: ChangeHarness;
  let rendered = 0;
  let namespace = '';
  const settings = (size: unknown, version = '1.0.0') => ({
    version,
    schema,
    objects: ({ values }: { values: { [key: string]: unknown } }): KubeObject[] => {
      rendered++;
      return [configMap('one-settings', { size: String(size ?? values.size) })];
    },
  });
  const ref = (kind: string, name: string) => ({ group: '', version: 'v1', kind, namespace, name });

  beforeEach(async () => {
    namespace = unique('remembered');
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    harness = changeHarness({ cluster, namespace, name: 'one', app: settings(undefined), pure: 'fixture 1' });
    await harness.install();
    rendered = 0;
  });
  it('renders nothing, writes nothing and answers as if it had', async () => {
    const result = await harness.upgrade();
    expect([result.outcome, rendered]).toEqual(['unchanged', 0]);
    expect(result.plan.objects.map(({ ref: { name }, action, checked }) => [name, action, checked])).toEqual([
      ['one-settings', 'unchanged', 'record'],
    ]);
    expect(harness.events.filter(({ type }) => type === 'planned')).toHaveLength(2);
  });

  it('names generated credentials at the install, and after it only new ones', async () => {
    const app = { version: '1.0.0', schema, objects: () => [configMap('two-settings', {})] };
    const other = changeHarness({ cluster, namespace, name: 'two', app });
    expect((await other.install()).generated).toEqual(['password']);
    expect((await other.upgrade()).generated).toEqual([]);
    const token = { type: 'string', format: 'password', 'x-generate': { length: 24 } } as const;
    const properties = { ...schema.properties, token };
    other.app = { ...app, version: '1.1.0', schema: { ...schema, properties } };
    expect((await other.upgrade()).generated).toEqual(['token']);
  });

  it('renders where a value differs, and where the package does', async () => {
    const given = { values: { size: 'large' }, secretRefs: [] };
    expect((await harness.upgrade({ given })).outcome).toBe('changed');
    expect(rendered).toBe(1);
    harness.app = settings('other', '1.1.0');
    expect((await harness.upgrade()).outcome).toBe('changed');
    expect(rendered).toBe(2);
  });

  it('renders where a generated secret is another', async () => {
    const secret = await cluster.get(ref('Secret', 'appstore.one.generated'));
    const [key = ''] = Object.keys(secret?.data ?? {});
    await cluster.mergePatch(ref('Secret', 'appstore.one.generated'), {
      data: { [key]: Buffer.from('another').toString('base64') },
    });
    await harness.upgrade();
    expect(rendered).toBe(1);
  });

  it('takes drift back from a fresh rendering, and never from the record', async () => {
    const where = { namespace, labelSelector: 'appstore.dev/record=blob' };
    await cluster.mergePatch(ref('ConfigMap', 'one-settings'), { data: { size: 'drifted' } });
    for (const { metadata } of (await cluster.list({ group: '', version: 'v1', kind: 'Secret' }, where))
      .items)
      await cluster.delete(ref('Secret', metadata.name));
    await expect(harness.upgrade()).rejects.toMatchObject({ code: 'FIELD_CONFLICT' });
    expect(rendered).toBe(1);
  });

  it('renders where another version of the renderer would', async () => {
    const other = changeHarness({
      ...{ cluster, namespace, name: 'one', app: settings(undefined), pure: 'fixture 2' },
    });
    expect((await other.upgrade()).outcome).toBe('unchanged');
    expect(rendered).toBe(1);
  });
});
