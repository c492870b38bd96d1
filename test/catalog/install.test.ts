import { describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { generateSecret } from '../../src/domain/generate.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';
import { checkObject } from '../../src/domain/names.ts';
import type { Rendered } from '../../src/domain/rendered.ts';
import { apps, describeApp, leaves, render, secretPlaceholder, workloads } from './packages.ts';

const ids = (rendered: Rendered): readonly string[] =>
  rendered.objects.map(({ object }) => `${object.kind}/${object.metadata.name}`);

/** What Kubernetes does not let change in a workload, by the workload. */
const immutable = (rendered: Rendered): ReadonlyMap<string, string> =>
  new Map(
    workloads(rendered).map(({ kind, name, spec }) => [
      `${kind}/${name}`,
      JSON.stringify([spec.selector, spec.serviceName, spec.volumeClaimTemplates]),
    ]),
  );

const nested = (path: readonly string[], value: Json): JsonObject =>
  path.toReversed().reduce<Json>((inner, name) => ({ [name]: inner }), value) as JsonObject;

/** Other values for one setting, as a person would try them; none of storage, which is fixed by nature. */
async function changes(app: string): Promise<readonly JsonObject[]> {
  const { schema } = await describeApp(app);
  return leaves(schema)
    .filter(({ path }) => !path.includes('storage'))
    .flatMap(({ path, schema: leaf }) => othersFor(leaf).map((value) => nested(path, value)));
}

function othersFor(leaf: {
  type?: unknown;
  default?: Json;
  enum?: readonly Json[];
  format?: string;
}): readonly Json[] {
  if (leaf.enum !== undefined) return leaf.enum.filter((value) => value !== leaf.default);
  if (typeof leaf.default === 'boolean') return [!leaf.default];
  if (leaf.type === 'integer' && typeof leaf.default === 'number') return [leaf.default + 1];
  if (leaf.format === 'quantity') return ['777Mi'];
  if (leaf.format === 'image') return ['registry.example.com/team/other:9.9.9'];
  return leaf.type === 'string' ? ['other'] : [];
}

/** Undefined where the change needs another one beside it: then the schema says so. */
async function tryRender(app: string, values: JsonObject): Promise<Rendered | undefined> {
  try {
    return await render(app, values);
  } catch (error) {
    if (error instanceof AppstoreError && ['VALUES_INVALID', 'VALUES_MISSING'].includes(error.code))
      return undefined;
    throw error;
  }
}

describe.each(apps)('%s', (app) => {
  test('needs no value to be given', async () => {
    const rendered = await render(app);
    expect(rendered.objects.length).toBeGreaterThan(1);
    expect(rendered.notes).not.toBe('');
  });

  test('fits several times into one namespace', async () => {
    const [one, two] = [ids(await render(app, {}, 'one')), ids(await render(app, {}, 'two'))];
    expect(new Set([...one, ...two]).size).toBe(one.length + two.length);
    for (const id of one) expect(id).toMatch(/^\w+\/one(-|$)/);
  });

  test('a long name gives names that Kubernetes takes', async () => {
    const rendered = await render(app, {}, `a${'-long'.repeat(7)}-name`);
    expect(rendered.objects.flatMap(({ object }) => checkObject(object))).toEqual([]);
  });

  test('labels tell the app and the installation, on objects and pods', async () => {
    const labels = { 'app.kubernetes.io/name': expect.any(String), 'app.kubernetes.io/instance': 'my' };
    const rendered = await render(app);
    for (const { object } of rendered.objects) expect(object.metadata.labels).toMatchObject(labels);
    for (const workload of workloads(rendered)) expect(workload.labels).toMatchObject(labels);
  });

  test('generated secrets are such as the schema would take from a person', async () => {
    const { schema } = await describeApp(app);
    const bytes = (count: number) => Uint8Array.from({ length: count }, (_, index) => (index * 37) % 256);
    for (const { path, schema: leaf } of leaves(schema)) {
      const rule = leaf['x-generate'];
      if (rule === undefined) continue;
      const secret = generateSecret(rule, bytes);
      expect(secret.length, path.join('.')).toBeGreaterThanOrEqual(20);
      expect(validate(leaf, secret, { strict: true }), path.join('.')).toEqual([]);
    }
  });

  test('generated secrets stand in Secrets alone', async () => {
    const rendered = await render(app);
    const open = rendered.objects.filter(({ object }) => object.kind !== 'Secret');
    expect(JSON.stringify([open, rendered.outputs, rendered.open, rendered.notes])).not.toContain(
      secretPlaceholder,
    );
  });

  test('no setting but storage changes what Kubernetes keeps fixed', async () => {
    const before = immutable(await render(app));
    let tried = 0;
    for (const values of await changes(app)) {
      const rendered = await tryRender(app, values);
      if (rendered === undefined) continue;
      tried += 1;
      for (const [workload, fixed] of immutable(rendered)) {
        expect(before.get(workload) ?? fixed, `${workload} with ${JSON.stringify(values)}`).toBe(fixed);
      }
    }
    expect(tried).toBeGreaterThan(3);
  });
});
