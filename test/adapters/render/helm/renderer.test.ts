import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  chooseEngine,
  type EngineOptions,
  engineFiles,
} from '../../../../src/adapters/render/helm/choose.ts';
import { lazyChartRenderer } from '../../../../src/adapters/render/helm/lazy-renderer.ts';
import type { PackageFile } from '../../../../src/domain/app.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { RenderRequest } from '../../../../src/domain/rendered.ts';
import type { Lookup, Renderer } from '../../../../src/services/ports.ts';
import { packageFiles, renderRequest } from '../../../support/app-files.ts';
import { chartFiles, engineOptions } from '../../../support/helm-engine.ts';

let options: EngineOptions;
let renderer: Renderer;

beforeAll(async () => {
  options = await engineOptions();
  renderer = lazyChartRenderer(options);
}, 600_000);

const noLookup: Lookup = async () => undefined;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\n';

function render(
  files: readonly PackageFile[],
  values: JsonObject = {},
  more: Partial<RenderRequest> = {},
  lookup = noLookup,
) {
  return renderer.render(files, 'chart', { ...renderRequest(values), ...more }, lookup);
}

test('accepts what has a Chart.yaml and no app.yaml', () => {
  expect(renderer.accepts(chartFiles({}))).toBe(true);
  expect(renderer.accepts(packageFiles({ 'app.yaml': '', 'Chart.yaml': '' }))).toBe(false);
  expect(renderer.accepts(packageFiles({ 'sub/Chart.yaml': '' }))).toBe(false);
});

test('describes a chart as an app, with a schema where it has none', async () => {
  const files = chartFiles({ 'values.yaml': '# How many\nreplicas: 1\n', 'README.md': 'Read me' });
  expect(await renderer.describe(files, 'chart')).toMatchObject({
    metadata: { name: 'web', version: '1.2.3', appVersion: '9' },
    schema: { properties: { replicas: { type: 'integer', default: 1, title: 'How many' } } },
    readme: 'Read me',
    valuesBy: 'renderer',
    valuesText: '# How many\nreplicas: 1\n',
  });
});

describe('objects', () => {
  test('with place and phase, lists taken apart, stringData as data', async () => {
    const files = chartFiles({
      'templates/list.yaml': `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
  - {apiVersion: v1, kind: Secret, metadata: {name: b}, stringData: {k: v}}
`,
      'templates/hook.yaml':
        'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: h-, annotations: {helm.sh/hook: test}}\n',
      'crds/c.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w.example.org}\n',
      'templates/NOTES.txt': 'Hello',
    });
    const { objects, notes, problems } = await render(files);
    expect(objects.map(({ object, source, phase }) => [object.kind, source.file, phase.kind])).toEqual([
      ['CustomResourceDefinition', 'crds/c.yaml', 'crd'],
      ['ConfigMap', 'templates/list.yaml', 'normal'],
      ['Secret', 'templates/list.yaml', 'normal'],
      ['Job', 'templates/hook.yaml', 'hook'],
    ]);
    expect(objects[2]?.object).toMatchObject({ data: { k: 'dg==' } });
    expect(objects[3]?.phase).toMatchObject({
      events: ['test'],
      weight: 0,
      deletePolicies: [],
      logPolicies: [],
    });
    expect([notes, problems]).toEqual(['Hello', []]);
  });

  test('what is no object is refused with its template', async () => {
    await expect(render(chartFiles({ 'templates/a.yaml': 'just: text\n' }))).rejects.toMatchObject({
      code: 'OBJECT_INVALID',
      message: expect.stringContaining('templates/a.yaml'),
    });
    await expect(
      render(chartFiles({ 'templates/a.yaml': configMap, 'templates/b.yaml': configMap })),
    ).rejects.toThrow(/stands twice/);
  });
});

describe('values', () => {
  test('are checked against the schemas of the chart and of its dependencies, all at once', async () => {
    const files = chartFiles({
      'values.yaml': 'size: 1\n',
      'values.schema.json':
        '{"properties": {"size": {"type": "integer", "minimum": 1}, "mode": {"enum": ["fast", "slow"]}}}',
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
      'charts/db/values.schema.json': '{"required": ["name"]}',
    });
    await expect(render(files, { size: 0, mode: 'fats' })).rejects.toMatchObject({
      code: 'VALUES_INVALID',
      problems: [
        { at: 'mode', hint: 'did you mean `fast`?' },
        { at: 'size', message: 'must be at least 1, is 0' },
        { at: 'db.name', message: 'is required (chart db)' },
      ],
    });
  });

  // NEEDS row 14
  test('that templates require are told all at once, by their paths where these can be told', async () => {
    const files = chartFiles({
      'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'templates/a.yaml': [
        'a: {{ required "a (*) is needed" .Values.a }}',
        'b: {{ .Values.b.c | required `b is "needed"` | quote }}',
        '{{ with .Values.d }}d: {{ required "d is needed" .e }}{{ end }}',
        'f: {{ required "a (*) is needed" .Values.a }}',
      ].join('\n'),
      'values.yaml': 'd: {e: ""}\nb: {}\n',
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
      'charts/db/templates/b.yaml':
        'a: {{ required "name it" $.Values.name }}\nb: {{ required "say where" .Values.global.where }}\n',
    });
    const failure = await render(files).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'VALUES_MISSING',
      hint: expect.stringContaining('--set db.name=... --set global.where=... --set a=... --set b.c=...'),
      problems: [
        { at: 'db.name', message: 'name it' },
        { at: 'global.where', message: 'say where' },
        { at: 'a', message: 'a (*) is needed' },
        { at: 'b.c', message: 'b is "needed"' },
        { message: 'd is needed' },
      ],
    });
  });

  test('a template that fails for another reason says that', async () => {
    // Helm renders from the end of the alphabet.
    const required = '{{ required "a is needed" .Values.a }}';
    const told = (files: Record<string, string>) =>
      render(chartFiles(files)).catch((error: unknown) => error);
    expect(
      await told({ 'templates/a.yaml': required, 'templates/b.yaml': '{{ fail "no luck" }}' }),
    ).toMatchObject({
      code: 'TEMPLATE_FAILED',
      message: 'templates/b.yaml:1:4: no luck',
    });
    expect(
      await told({ 'templates/a.yaml': '{{ fail "no luck" }}', 'templates/b.yaml': required }),
    ).toMatchObject({
      code: 'VALUES_MISSING',
    });
  });

  // NEEDS row 13
  test('that the chart does not know are told', async () => {
    const files = chartFiles({ 'values.yaml': 'image: {tag: x}\n', 'templates/a.yaml': configMap });
    expect((await render(files, { image: { tga: 'y' } })).problems).toEqual([
      {
        at: 'image.tga',
        message: expect.stringContaining('values.yaml'),
        hint: 'did you mean `image.tag`?',
      },
    ]);
  });

  test('a schema that leads to another machine is not followed', async () => {
    const files = chartFiles({ 'values.schema.json': '{"$ref": "https://schemas.example/a.json"}' });
    await expect(render(files)).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
  });
});

test('sees the cluster: its version, what it serves, its objects by lookup', async () => {
  const files = chartFiles({
    'templates/a.yaml': `${configMap}data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ .Capabilities.APIVersions.Has "example.org/v1/Widget" | quote }}
  batch: {{ .Capabilities.APIVersions.Has "batch/v1" | quote }}
  upgrade: {{ .Release.IsUpgrade | quote }}
  found: {{ (lookup "v1" "ConfigMap" .Release.Namespace "x").data.key | quote }}
`,
  });
  const lookup: Lookup = async ({ namespace, name }) => ({ data: { key: `${namespace}/${name}` } });
  const { objects } = await render(
    files,
    {},
    {
      apiVersions: ['example.org/v1', 'example.org/v1/Widget'],
      installation: { name: 'shop', namespace: 'prod', revision: 2, isUpgrade: true },
    },
    lookup,
  );
  expect(objects[0]?.object).toMatchObject({
    data: { kube: 'v1.36.3', has: 'true', batch: 'false', upgrade: 'true', found: 'prod/x' },
  });
});

test('what a lookup is refused is told as it is', async () => {
  const files = chartFiles({ 'templates/a.yaml': '{{ lookup "v1" "Secret" "a" "b" }}' });
  const refused = new Error('secrets "b" is forbidden');
  await expect(render(files, {}, {}, () => Promise.reject(refused))).rejects.toBe(refused);
});

test('charts that nobody at this machine chose are rendered in WebAssembly, where it is there', async () => {
  const chosen = async (more: Partial<EngineOptions>) => (await chooseEngine({ ...options, ...more })).build;
  expect(await chosen({})).toBe('native');
  expect(await chosen({ isolated: true })).toBe('wasm');
  expect(await chosen({ isolated: true, build: 'native' })).toBe('native');
  const folder = await mkdtemp(join(tmpdir(), 'appstore-engine-'));
  try {
    await writeFile(join(folder, engineFiles.native), '', { mode: 0o755 });
    expect(await chosen({ folder, isolated: true })).toBe('native');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an engine of another platform is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'appstore-engine-'));
  try {
    await writeFile(join(folder, engineFiles.native), '#!/no/such/interpreter\n', { mode: 0o755 });
    await expect(
      lazyChartRenderer({ ...options, folder }).describe(chartFiles({}), 'chart'),
    ).rejects.toMatchObject({
      code: 'HELM_ENGINE_MISSING',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('without an engine says what to do', async () => {
  const none = lazyChartRenderer({ ...options, folder: join(options.folder, 'none') });
  await expect(none.describe(chartFiles({}), 'chart')).rejects.toMatchObject({
    code: 'HELM_ENGINE_MISSING',
    hint: expect.stringContaining('npm run build'),
  });
});
