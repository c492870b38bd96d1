import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { engineFiles } from '../../../../src/adapters/render/helm/choose.ts';
import type {
  ChartAnswers,
  ChartEngine,
  LookupQuestion,
} from '../../../../src/adapters/render/helm/engine.ts';
import { usualLimits } from '../../../../src/adapters/render/helm/limits.ts';
import { nativeEngine } from '../../../../src/adapters/render/helm/native.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import {
  bothEngines,
  chartFiles,
  chartRequest,
  engineOptions,
  nothingAnswered,
} from '../../../support/helm-engine.ts';

let engines: readonly ChartEngine[];

beforeAll(async () => {
  engines = await bothEngines();
}, 600_000);

/** The object that one template renders to, the same in both builds. */
async function rendered(
  template: string,
  more: {
    readonly files?: Record<string, string>;
    readonly values?: JsonObject;
    readonly answers?: ChartAnswers;
  } = {},
): Promise<unknown> {
  const files = chartFiles({ 'templates/a.yaml': template, ...more.files });
  const request = chartRequest(files, more.values === undefined ? {} : { values: more.values });
  const all = await Promise.all(
    engines.map((engine) => engine.render(request, more.answers ?? nothingAnswered)),
  );
  expect(all[1]).toEqual(all[0]);
  return all[0]?.documents.map(({ object }) => object);
}

async function refused(files: Record<string, string>, values: JsonObject = {}): Promise<unknown[]> {
  const request = chartRequest(chartFiles(files), { values });
  return Promise.all(
    engines.map((engine) =>
      engine.render(request, nothingAnswered).then(
        () => undefined,
        (error) => error,
      ),
    ),
  );
}

describe('renders', () => {
  test('values over defaults, release and chart', async () => {
    const template =
      'a: {{ .Values.a }}\nb: {{ .Values.b.c }}\nr: {{ .Release | toJson }}\nc: {{ .Chart.Version }}\n';
    const files = { 'values.yaml': 'a: 1\nb: {c: 2, d: 3}\n' };
    expect(await rendered(template, { files, values: { b: { c: 'x' } } })).toEqual([
      {
        a: 1,
        b: 'x',
        r: {
          ...{
            IsInstall: true,
            IsUpgrade: false,
            Name: 'shop',
            Namespace: 'prod',
            Revision: 1,
            Service: 'Helm',
          },
        },
        c: '1.2.3',
      },
    ]);
  });

  test('dependencies with conditions, tags, aliases, imported values and globals', async () => {
    const dependency = {
      'Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
      'values.yaml': 'size: 1\nexports: {data: {from: below}}\n',
      'templates/s.yaml':
        'kind: {{ .Chart.Name }}\nsize: {{ .Values.size }}\nglobal: {{ .Values.global.g }}\n',
    };
    const files = Object.fromEntries(
      Object.entries(dependency).map(([path, text]) => [`charts/sub/${path}`, text]),
    );
    const chart = `apiVersion: v2
name: web
version: 1.2.3
dependencies:
  - {name: sub, version: 0.1.0, alias: one, condition: one.enabled}
  - {name: sub, version: 0.1.0, alias: two, condition: two.enabled}
  - {name: sub, version: 0.1.0, alias: three, tags: [extra]}
  - {name: sub, version: 0.1.0, import-values: [data]}
`;
    const objects = await rendered('from: {{ .Values.from }}\n', {
      files: {
        ...files,
        'Chart.yaml': chart,
        'values.yaml': 'global: {g: all}\ntwo: {enabled: false}\ntags: {extra: false}\n',
      },
      values: { one: { size: 5 } },
    });
    expect(objects).toEqual(
      expect.arrayContaining([
        { from: 'below' },
        { kind: 'one', size: 5, global: 'all' },
        { kind: 'sub', size: 1, global: 'all' },
      ]),
    );
    expect(objects).toHaveLength(3);
  });

  test('files, tpl, include, capabilities', async () => {
    const template = `{{ define "t" }}{{ .Values.x }}!{{ end -}}
text: {{ .Files.Get "README.md" }}
glob: {{ range $path, $_ := .Files.Glob "conf/*" }}{{ $path }} {{ end }}
tpl: {{ tpl .Values.t . }}
include: {{ include "t" . | quote }}
has: {{ .Capabilities.APIVersions.Has "batch/v1" }}
kube: {{ .Capabilities.KubeVersion.Minor }}
`;
    const files = {
      'README.md': 'read me',
      'conf/a.txt': '1',
      'conf/b.txt': '2',
      'values.yaml': 't: "{{ .Values.x }}"\nx: z\n',
    };
    expect(await rendered(template, { files })).toEqual([
      { text: 'read me', glob: 'conf/a.txt conf/b.txt', tpl: 'z', include: 'z!', has: true, kube: 37 },
    ]);
  });

  test('lookup of one object and of a list, with what was asked', async () => {
    const asked: LookupQuestion[] = [];
    const answers: ChartAnswers = {
      ...nothingAnswered,
      lookup: async (wanted) => {
        asked.push(wanted);
        if (wanted.name === 'none') return {};
        return wanted.name === '' ? { items: [{ size: 1 }, { size: 2 }] } : { data: { key: 'there' } };
      },
    };
    const template = `one: {{ (lookup "v1" "Secret" "prod" "s").data.key }}
none: {{ lookup "v1" "Secret" "prod" "none" | empty }}
list: {{ len (lookup "apps/v1" "Deployment" "" "").items }}
`;
    expect(await rendered(template, { answers })).toEqual([{ one: 'there', none: true, list: 2 }]);
    expect(asked).toContainEqual({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: '', name: '' });
  });

  test('hooks apart from objects, with weight and policies; CRDs; notes of the chart alone', async () => {
    const files = chartFiles({
      'templates/a.yaml': 'kind: ConfigMap\n---\nkind: Service\n',
      'templates/hook.yaml': `kind: Job
metadata:
  name: h
  annotations:
    helm.sh/hook: pre-install, post-upgrade
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: hook-succeeded,before-hook-creation
    helm.sh/hook-output-log-policy: hook-failed
`,
      'templates/NOTES.txt': 'Hello {{ .Release.Name }}\n',
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
      'charts/sub/templates/NOTES.txt': 'not shown',
      'crds/c.yaml': 'kind: CustomResourceDefinition\n',
    });
    for (const engine of engines) {
      const { documents, notes } = await engine.render(chartRequest(files), nothingAnswered);
      expect(notes).toBe('Hello shop\n');
      expect(documents).toEqual([
        { path: 'web/crds/c.yaml', line: 0, crd: true, object: { kind: 'CustomResourceDefinition' } },
        { path: 'web/templates/a.yaml', line: 1, object: { kind: 'ConfigMap' } },
        { path: 'web/templates/a.yaml', line: 3, object: { kind: 'Service' } },
        {
          path: 'web/templates/hook.yaml',
          line: 1,
          object: expect.objectContaining({ kind: 'Job' }),
          hook: {
            events: ['pre-install', 'post-upgrade'],
            weight: -5,
            deletePolicies: ['hook-succeeded', 'before-hook-creation'],
            outputLogPolicies: ['hook-failed'],
          },
        },
      ]);
    }
  });

  test('keys and certificates that belong to each other', async () => {
    const template = `{{ $ca := genCA "ca" 10 -}}
{{ $cert := genSignedCert "host" (list "10.0.0.1") (list "host.example") 10 $ca -}}
{{ $self := genSelfSignedCert "self" nil nil 10 -}}
ca: {{ $ca.Cert | quote }}
cert: {{ $cert.Cert | quote }}
key: {{ $cert.Key | quote }}
self: {{ $self.Cert | quote }}
rsa: {{ genPrivateKey "rsa" | quote }}
dsa: {{ genPrivateKey "dsa" | quote }}
ec: {{ genPrivateKey "ecdsa" | quote }}
`;
    const { X509Certificate, createPrivateKey } = await import('node:crypto');
    for (const engine of engines) {
      const request = chartRequest(chartFiles({ 'templates/a.yaml': template }));
      const { documents } = await engine.render(request, nothingAnswered);
      const made = documents[0]?.object as Record<string, string>;
      const [ca, cert] = [new X509Certificate(made.ca ?? ''), new X509Certificate(made.cert ?? '')];
      expect(cert.verify(ca.publicKey)).toBe(true);
      expect(cert.checkPrivateKey(createPrivateKey(made.key ?? ''))).toBe(true);
      expect(cert.subjectAltName).toContain('host.example');
      expect(new X509Certificate(made.self ?? '').subject).toBe('CN=self');
      expect(createPrivateKey(made.rsa ?? '').asymmetricKeyDetails?.modulusLength).toBe(4096);
      expect(createPrivateKey(made.dsa ?? '').asymmetricKeyType).toBe('dsa');
      expect(createPrivateKey(made.ec ?? '').asymmetricKeyType).toBe('ec');
    }
  });

  test('what Helm warns of', async () => {
    const request = chartRequest(
      chartFiles({ 'templates/a.yaml': 'a: 1\n', 'values.yaml': 'map: {a: {b: 1}}\n' }),
      { values: { map: { a: 'text' } } },
    );
    for (const engine of engines) {
      const { warnings } = await engine.render(request, nothingAnswered);
      expect(warnings.join()).toContain('map');
    }
  });
});

describe('refuses', () => {
  const cases: readonly [string, Record<string, string>, string, object][] = [
    [
      'what a template refuses itself',
      { 'templates/a.yaml': '\n{{ fail "no luck" }}\n' },
      'TEMPLATE_FAILED',
      { message: 'templates/a.yaml:2:4: no luck', place: { file: 'templates/a.yaml', line: 2, column: 4 } },
    ],
    [
      'required values that are missing, of which Helm tells the first',
      {
        'templates/a.yaml':
          '{{ if not .Values.a }}{{ fail "no a" }}{{ end }}\na: {{ required "a is needed" .Values.a }}\n',
        'templates/b.yaml': 'b: {{ .Values.b | required "b is needed" }}\n',
      },
      'TEMPLATE_FAILED',
      {
        message: 'templates/b.yaml:1:19: b is needed',
        cause: { messages: ['b is needed', 'a is needed'] },
      },
    ],
    [
      'a nil pointer, with the way there',
      {
        'templates/_b.tpl': '{{ define "b" }}{{ .Values.x.y }}{{ end }}',
        'templates/a.yaml': 'a: {{ include "b" . }}\n',
      },
      'TEMPLATE_FAILED',
      {
        place: { file: 'templates/_b.tpl', line: 1, column: 27 },
        problems: [{ at: 'templates/a.yaml:1:7', message: 'called from `include "b" .`' }],
      },
    ],
    [
      'a function that there is not',
      { 'templates/a.yaml': '{{ nothing }}' },
      'TEMPLATE_FAILED',
      { message: 'templates/a.yaml:1: function "nothing" not defined' },
    ],
    [
      'text that is no YAML, with the rendered lines',
      { 'templates/a.yaml': 'a: 1\n b: 2\n' },
      'TEMPLATE_FAILED',
      {
        place: { file: 'templates/a.yaml' },
        problems: expect.arrayContaining([{ at: 'rendered line 2', message: ' b: 2' }]),
      },
    ],
    [
      'missing dependencies',
      {
        'Chart.yaml':
          'apiVersion: v2\nname: web\nversion: 1.2.3\ndependencies: [{name: db, version: 1.0.0}]\n',
      },
      'DEPENDENCY_MISSING',
      { message: expect.stringContaining('db') },
    ],
    [
      'library charts',
      { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\ntype: library\n' },
      'PACKAGE_INVALID',
      { message: 'library charts are not installable' },
    ],
    [
      'another Kubernetes than the chart wants',
      { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\nkubeVersion: "<1.20"\n' },
      'REQUIREMENT_UNMET',
      { message: expect.stringContaining('<1.20') },
    ],
    ['a broken Chart.yaml', { 'Chart.yaml': 'apiVersion: v2\n' }, 'PACKAGE_INVALID', {}],
    ['broken values', { 'values.yaml': '- a\n' }, 'PACKAGE_INVALID', {}],
  ];

  test.each(cases)('%s', async (_, files, code, more) => {
    for (const error of await refused(files)) expect(error).toMatchObject({ code, ...more });
  });
});

test('describes a chart: metadata, dependencies and their state, values of all of them', async () => {
  const files = chartFiles({
    'Chart.yaml': `apiVersion: v2
name: web
version: 1.2.3
dependencies:
  - {name: a, version: ^1.0.0, condition: a.enabled}
  - {name: b, version: 2.x}
  - {name: c, version: 1.x, alias: d}
`,
    'Chart.lock': 'dependencies: [{name: a, version: 1.1.0}, {name: c, version: 1.5.0}]\n',
    'charts/a/Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.2.0\n',
    'charts/a/values.yaml': 'size: 1\nnone: null\n',
    'charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.5.0\n',
    'charts/c/values.yaml': 'deep: {x: 1}\n',
    'values.yaml': '# comment\na: {enabled: false}\n',
    'values.schema.json': '{}',
  });
  const [native, wasm] = await Promise.all(engines.map((engine) => engine.describe(files)));
  expect(native).toEqual(wasm);
  expect(native).toMatchObject({
    metadata: { name: 'web', version: '1.2.3' },
    dependencies: [
      { name: 'a', state: 'not as locked', found: '1.2.0', condition: 'a.enabled' },
      { name: 'b', state: 'missing', found: '' },
      { name: 'c', alias: 'd', state: 'present', found: '1.5.0' },
    ],
    schema: '{}',
    valuesText: '# comment\na: {enabled: false}\n',
    values: { a: { enabled: false, size: 1, none: null }, d: { deep: { x: 1 } } },
  });
});

test('ends where it is not wanted any more', async () => {
  const files = chartFiles({
    'templates/a.yaml': '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}',
  });
  for (const engine of engines) {
    const stop = new AbortController();
    const rendering = engine.render(chartRequest(files), nothingAnswered, stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(rendering).rejects.toThrow('enough');
  }
});

describe('a process that was started ahead', () => {
  const files = chartFiles({ 'templates/a.yaml': 'size: {{ .Values.size }}' });
  const render = async (engine: ChartEngine, n: number) =>
    (await engine.render(chartRequest(files, { values: { size: n } }), nothingAnswered)).documents[0]?.object;

  test('serves one request, whatever comes at the same time', async () => {
    const { program, seen } = await countedEngine();
    const engine = nativeEngine({ program, limits: usualLimits });
    engine.warm?.();
    engine.warm?.();
    await expect.poll(seen).toBe(1);
    expect(await Promise.all([render(engine, 1), render(engine, 2)])).toEqual([{ size: 1 }, { size: 2 }]);
    expect(await seen()).toBe(2);
    expect(await render(engine, 3)).toEqual({ size: 3 });
    expect(await seen()).toBe(3);
  });

  test('that died is not waited for', async () => {
    const { program, seen, pids } = await countedEngine();
    const engine = nativeEngine({ program, limits: usualLimits });
    engine.warm?.();
    await expect.poll(seen).toBe(1);
    process.kill(Number((await pids())[0]), 'SIGKILL');
    await sleep(200);
    expect(await render(engine, 1)).toEqual({ size: 1 });
    expect(await seen()).toBe(2);
  });

  test('is ended where no request comes, and holds nobody up', async () => {
    const { program, seen, pids } = await countedEngine();
    const engine = nativeEngine({ program, limits: { ...usualLimits, timeout: 300 } });
    engine.warm?.();
    await expect.poll(seen).toBe(1);
    const pid = Number((await pids())[0]);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    const started = new URL('../../../../src/adapters/render/helm/native.ts', import.meta.url);
    const source = `const { nativeEngine } = await import(${JSON.stringify(started.href)});
      nativeEngine({ program: ${JSON.stringify(program)}, limits: { timeout: 600000, memory: 536870912, cpu: 60 } }).warm();`;
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      timeout: 60_000,
    });
    expect(status).toBe(0);
    const left = Number((await pids()).at(-1));
    await expect.poll(() => isAlive(left), { timeout: 5000 }).toBe(false);
  });

  test('that cannot be started is told by the request', async () => {
    const engine = nativeEngine({ program: '/nowhere/engine', limits: usualLimits });
    engine.warm?.();
    await sleep(50);
    await expect(render(engine, 1)).rejects.toMatchObject({ code: 'HELM_ENGINE_MISSING' });
  });
});

/** The native engine behind a script that notes the process id of each start. */
async function countedEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, 'pids');
  const program = join(folder, 'engine.sh');
  const real = join((await engineOptions()).folder, engineFiles.native);
  await writeFile(log, '');
  await writeFile(program, `#!/bin/sh\necho $$ >> '${log}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
  const pids = async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return { program, pids, seen: async () => (await pids()).length };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
