import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { localFolders } from '../../src/adapters/catalog/site/folders.ts';
import { appYamlRenderer } from '../../src/adapters/render/app-yaml.ts';
import { lazyChartRenderer } from '../../src/adapters/render/helm/lazy-renderer.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { lintRules } from '../../src/domain/lint/rules.ts';
import { scaffoldApp } from '../../src/domain/scaffold.ts';
import { lintFolders } from '../../src/services/lint.ts';
import { writeFiles } from '../support/catalog-folder.ts';
import { engineOptions } from '../support/helm-engine.ts';
import { temporaryFolder } from '../support/temporary.ts';

const signal = new AbortController().signal;

async function lint(root: string, ...folders: readonly string[]) {
  const renderers = [appYamlRenderer(), lazyChartRenderer(await engineOptions())];
  return lintFolders({ folders: localFolders(root), renderers }, folders, signal);
}

const scaffold = () => scaffoldApp({ name: 'web', image: 'docker.io/acme/web:1.2.3', port: 8080 });

/** What is found in an app that was right before it was changed. */
async function changed(
  change: (app: JsonObject & { resources: JsonObject[]; metadata: JsonObject }) => void,
  files: Readonly<Record<string, string>> = {},
) {
  const root = await temporaryFolder();
  const made = scaffold();
  const app = parse(made['app.yaml'] ?? '');
  change(app);
  const all = { ...made, 'app.yaml': stringify(app), ...files };
  await writeFiles(
    root,
    Object.fromEntries(Object.entries(all).map(([path, text]) => [`web/${path}`, text])),
  );
  return (await lint(root, 'web')).findings;
}

/** The pods' part of the scaffold's Deployment. */
function podOf(app: { resources: JsonObject[] }): JsonObject {
  return at(app.resources[0] ?? {}, 'spec', 'template', 'spec');
}

function containerOf(app: { resources: JsonObject[] }): JsonObject {
  return (podOf(app).containers as JsonObject[])[0] ?? {};
}

function at(of: JsonObject, ...names: readonly string[]): JsonObject {
  return names.reduce<JsonObject>((object, name) => object[name] as JsonObject, of);
}

const service = (spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: '${name}-x', labels },
  spec,
});
const labels = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': '${name}' };
const role = (rule: Json): JsonObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: '${name}', labels },
  rules: [rule],
});
const binding: JsonObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: '${name}', labels },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [],
};

function set(of: JsonObject, key: string, value: Json): void {
  of[key] = value;
}

type Change = Parameters<typeof changed>[0];

/** Breaks one thing of the scaffold; the rule alone must find it. */
const broken: readonly (readonly [rule: string, change: Change, files?: Readonly<Record<string, string>>])[] =
  [
    ['image-pinned', (app) => set(containerOf(app), 'image', 'docker.io/acme/web:latest')],
    ['image-pinned', (app) => set(containerOf(app), 'image', 'docker.io/acme/web')],
    ['image-tag-exact', (app) => set(containerOf(app), 'image', 'docker.io/acme/web:3')],
    ['image-registry', (app) => set(containerOf(app), 'image', 'acme/web:1.2.3')],
    ['readiness-probe', (app) => void delete containerOf(app).readinessProbe],
    ['liveness-probe', (app) => void delete containerOf(app).livenessProbe],
    [
      'resource-requests',
      (app) => set(containerOf(app), 'resources', { limits: { memory: '1Gi' }, requests: { cpu: 1 } }),
    ],
    ['memory-limit', (app) => set(containerOf(app), 'resources', { requests: { cpu: 1, memory: '1Gi' } })],
    ['run-as-non-root', (app) => void delete at(podOf(app), 'securityContext').runAsNonRoot],
    ['run-as-non-root', (app) => set(at(podOf(app), 'securityContext'), 'runAsUser', 0)],
    ['seccomp-profile', (app) => void delete at(podOf(app), 'securityContext').seccompProfile],
    [
      'no-privilege-escalation',
      (app) => void delete at(containerOf(app), 'securityContext').allowPrivilegeEscalation,
    ],
    ['capabilities-dropped', (app) => void delete at(containerOf(app), 'securityContext').capabilities],
    [
      'capabilities-dropped',
      (app) => set(at(containerOf(app), 'securityContext', 'capabilities'), 'add', ['SYS_ADMIN']),
    ],
    ['not-privileged', (app) => set(at(containerOf(app), 'securityContext'), 'privileged', true)],
    ['read-only-root', (app) => void delete at(containerOf(app), 'securityContext').readOnlyRootFilesystem],
    ['no-host-namespaces', (app) => set(podOf(app), 'hostPID', true)],
    [
      'no-host-path',
      (app) => void (podOf(app).volumes as Json[]).push({ name: 'x', hostPath: { path: '/' } }),
    ],
    ['no-host-port', (app) => set((containerOf(app).ports as JsonObject[])[0] ?? {}, 'hostPort', 80)],
    ['no-service-account-token', (app) => void delete podOf(app).automountServiceAccountToken],
    ['no-secret-in-env', (app) => set(containerOf(app), 'env', [{ name: 'DB_PASSWORD', value: 'x9' }])],
    ['no-cluster-admin', (app) => void app.resources.push(binding)],
    [
      'no-wildcard-rights',
      (app) => void app.resources.push(role({ apiGroups: [''], resources: ['*'], verbs: ['get'] })),
    ],
    [
      'current-api',
      (app) =>
        void app.resources.push({
          apiVersion: 'policy/v1beta1',
          kind: 'PodDisruptionBudget',
          metadata: { name: '${name}', labels },
        }),
    ],
    ['named-for-installation', (app) => set(at(app.resources[1] ?? {}, 'metadata'), 'name', 'web')],
    ['namespace-open', (app) => set(at(app.resources[1] ?? {}, 'metadata'), 'namespace', 'other')],
    ['recommended-labels', (app) => void delete at(app.resources[1] ?? {}, 'metadata').labels],
    ['service-internal', (app) => void app.resources.push(service({ type: 'NodePort', selector: labels }))],
    ['service-selects', (app) => void app.resources.push(service({ selector: { other: 'x' } }))],
    ['readme', () => {}, { 'README.md': ' ' }],
    ['icon', (app) => void delete app.metadata.icon],
    ['icon-safe', () => {}, { 'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>' }],
    ['described', (app) => void delete app.metadata.description],
    [
      'no-default-password',
      (app) =>
        set(at(app, 'values', 'properties'), 'p', {
          type: 'string',
          title: 'P',
          format: 'password',
          default: 'x',
        }),
    ],
    ['values-described', (app) => set(at(app, 'values', 'properties'), 'p', { type: 'integer', default: 1 })],
    ['folder-named', (app) => set(app.metadata, 'name', 'other')],
    ['package-valid', (app) => set(app.metadata, 'version', 'one')],
    ['renders', (app) => set(app, 'notes', '${values.none}')],
    ['suppression-used', (app) => set(app, 'lint', { ignore: [{ rule: 'no-host-port', reason: 'x' }] })],
    ['suppression-known', (app) => set(app, 'lint', { ignore: [{ rule: 'none', reason: 'x' }] })],
  ];

describe('a rule finds what it is for, and nothing else does', () => {
  test.each(broken.map(([rule, change, files = {}]) => ({ rule, change, files })))(
    '$rule',
    async ({ rule, change, files }) => {
      const found = await changed(change, files);
      expect([...new Set(found.map((finding) => finding.rule))]).toEqual([rule]);
    },
  );

  test('every rule is here', () => {
    expect([...new Set(broken.map(([rule]) => rule))].sort()).toEqual(
      lintRules.map(({ name }) => name).sort(),
    );
  });

  test('what `create app` makes is without a finding, whatever it is called', async () => {
    const root = await temporaryFolder();
    const names = ['a', 'web', 'my-new-app', `a${'b'.repeat(39)}`];
    for (const name of names)
      await localFolders(root).create(
        name,
        scaffoldApp({ name, image: 'ghcr.io/acme/x:v2.0.1-alpine', port: 3000 }),
      );
    expect(await lint(root, '.')).toEqual({ apps: 4, findings: [] });
    await expect(localFolders(root).create('a', scaffold())).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    });
  });

  test('no file leads out of the folder that is made', async () => {
    const root = await temporaryFolder();
    for (const path of ['../x', 'a/../../x', '..']) {
      const made = localFolders(root).create('new', { [path]: 'text' });
      await expect(made).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    }
    expect(await readdir(root, { recursive: true })).toEqual(['new']);
  });
});

describe('a finding', () => {
  test('has file, line and column of what is wrong, in app.yaml and in resources/', async () => {
    const root = await temporaryFolder();
    const text = (scaffold()['app.yaml'] ?? '').replace(
      'image: "${values.image}"',
      'image: docker.io/acme/web:latest',
    );
    const more = `---\napiVersion: v1\nkind: Service\nmetadata:\n  name: "\${name}-b"\n  labels: ${JSON.stringify(labels)}\nspec:\n  type: LoadBalancer\n`;
    await writeFiles(
      root,
      Object.fromEntries(
        Object.entries({ ...scaffold(), 'app.yaml': text, 'resources/b.yaml': more }).map(
          ([path, content]) => [`web/${path}`, content],
        ),
      ),
    );
    const line = text.split('\n').findIndex((one) => one.includes(':latest')) + 1;
    expect((await lint(root, '.')).findings).toMatchObject([
      {
        rule: 'image-pinned',
        file: 'web/app.yaml',
        line,
        column: 22,
        app: 'web',
        object: 'Deployment/lint-sample',
      },
      { rule: 'service-internal', file: 'web/resources/b.yaml', line: 8, column: 9 },
    ]);
  });

  test('of a package that cannot be read is one a problem, and stops no other package', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, {
      'a/app.yaml':
        'apiVersion: appstore.dev/v1\nkind: App\nmetadata: {name: a, verzion: 1}\nresources: []\n',
      'b/app.yaml': 'kind: {\n',
      'c/Chart.yaml': 'name: c\n',
    });
    const { apps, findings } = await lint(root, '.');
    expect(apps).toBe(3);
    expect(findings.every(({ rule }) => rule === 'package-valid')).toBe(true);
    expect(new Set(findings.map(({ file }) => file))).toEqual(
      new Set(['a/app.yaml', 'b/app.yaml', 'c/Chart.yaml']),
    );
    expect(findings.filter(({ app }) => app === 'a').length).toBeGreaterThan(3);
    expect(findings.find(({ message }) => message.includes('verzion'))).toMatchObject({
      line: 3,
      column: 21,
    });
    await expect(lint(root, 'a/none')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('an exception', () => {
  const latest: Change = (app) => {
    containerOf(app).image = 'docker.io/acme/web:latest';
  };
  const ignore =
    (entry: JsonObject): Change =>
    (app) => {
      latest(app);
      app.lint = { ignore: [{ rule: 'image-pinned', reason: 'a nightly build', ...entry }] };
    };

  test.each([
    ['for all objects', {}],
    ['for a kind', { object: 'Deployment/*' }],
    ['for a name as it is written', { object: 'Deployment/${name}' }],
  ])('%s is told with its reason', async (_, entry) => {
    expect(await changed(ignore(entry))).toMatchObject([
      { rule: 'image-pinned', suppressed: 'a nightly build' },
    ]);
  });

  test('for another object holds for none, and is told as needless', async () => {
    const found = await changed(ignore({ object: 'StatefulSet/*' }));
    expect(found.map(({ rule, suppressed }) => [rule, suppressed])).toEqual([
      ['image-pinned', undefined],
      ['suppression-used', undefined],
    ]);
  });

  test('without a reason is refused', async () => {
    const found = await changed((app) => {
      app.lint = { ignore: [{ rule: 'icon' }] };
    });
    expect(found).toMatchObject([{ rule: 'package-valid', message: expect.stringContaining('reason') }]);
  });
});

describe('a chart', () => {
  const chart = (more: Readonly<Record<string, string>> = {}, head = '') => ({
    'lamp/Chart.yaml': `apiVersion: v2\nname: lamp\nversion: 1.0.0\ndescription: A lamp\n${head}`,
    'lamp/README.md': 'A lamp',
    'lamp/templates/s.yaml':
      '{{ $host := required "a host" .Values.host }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {app.kubernetes.io/name: lamp, app.kubernetes.io/instance: {{ .Release.Name }}}\nspec:\n  type: LoadBalancer\n',
    ...more,
  });

  test('is looked at as far as it renders: with its defaults, or with the values that it brings for that', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, chart());
    expect((await lint(root, 'lamp')).findings).toMatchObject([
      { rule: 'renders', message: expect.stringContaining('a host') },
    ]);
    await writeFiles(root, { 'lamp/ci/some-values.yaml': 'host: a.example\n' });
    expect((await lint(root, 'lamp')).findings).toMatchObject([
      { rule: 'service-internal', file: 'lamp/templates/s.yaml' },
    ]);
  });

  test('makes exceptions by annotations', async () => {
    const root = await temporaryFolder();
    const head = 'annotations:\n  appstore.dev/lint-ignore.service-internal: that is what it is for\n';
    await writeFiles(root, chart({ 'lamp/values.yaml': 'host: x\n' }, head));
    expect((await lint(root, 'lamp')).findings).toMatchObject([
      { rule: 'service-internal', suppressed: 'that is what it is for' },
    ]);
  });

  test('that is a library has nothing to render', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, chart({}, 'type: library\n'));
    expect((await lint(root, 'lamp')).findings).toEqual([]);
  });
});

test('the built-in catalog passes; what it does otherwise is meant so', async () => {
  const { apps, findings } = await lint(join(import.meta.dirname, '../..'), 'catalog');
  expect(apps).toBeGreaterThan(10);
  expect(findings.filter(({ suppressed }) => suppressed === undefined)).toEqual([]);
  expect(findings.map(({ app, rule }) => `${app} ${rule}`)).toEqual(['homepage read-only-root']);
});

test('a file that is changed is seen: nothing is kept', async () => {
  const root = await temporaryFolder();
  await localFolders(root).create('web', scaffold());
  const file = join(root, 'web/app.yaml');
  expect((await lint(root, 'web')).findings).toEqual([]);
  await writeFile(file, (await readFile(file, 'utf8')).replace('"${values.image}"', 'x'));
  expect((await lint(root, 'web')).findings.map(({ rule }) => rule)).toEqual([
    'image-pinned',
    'image-registry',
  ]);
});
