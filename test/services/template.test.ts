import { describe, expect, test } from 'vitest';
import { appYamlRenderer } from '../../src/adapters/render/app-yaml.ts';
import type { PackageFile, ResolvedPackage } from '../../src/domain/app.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { Catalog, Renderer } from '../../src/services/ports.ts';
import type { GivenOptions, TemplateRequest } from '../../src/services/requests.ts';
import { images, template } from '../../src/services/template.ts';
import { appFiles } from '../support/app-files.ts';

const files = appFiles(`values:
  type: object
  required: [admin]
  properties:
    admin: {type: string, title: Name of the administrator, minLength: 1}
    replicas: {type: integer, minimum: 1, default: 1}
    size: {type: string, format: quantity, default: 8Gi}
    key: {type: string, format: password, pattern: "^[a-f0-9]{64}$", x-generate: {length: 64, alphabet: hex}}
    token: {type: string, format: password, minLength: 60}
resources:
  - apiVersion: v1
    kind: Secret
    metadata: {name: "\${name}"}
    stringData: {key: "\${values.key}", token: "\${values.?token.orValue('none')}"}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: "\${name}"}
    spec:
      replicas: "\${values.replicas}"
      template:
        metadata: {annotations: {minor: "\${string(cluster.version.minor)}"}}
        spec: {containers: [{name: main, image: "nginx:1.27"}, {name: side, image: "nginx:1.27"}, {name: log, image: ghcr.io/a/b:1}]}
`);

function catalogOf(content: readonly PackageFile[]): Catalog {
  const resolved: ResolvedPackage = {
    catalog: 'builtin',
    name: 'web',
    version: '1.2.3',
    appVersion: '9',
    contentDigest: 'sha256:0',
    source: 'c/web',
  };
  return {
    name: 'builtin',
    search: async () => [],
    versions: async () => [],
    resolve: async (reference) => (reference.name === 'web' ? resolved : undefined),
    open: async () => ({ resolved, files: content }),
  };
}

const deps = { catalogs: [catalogOf(files)], renderers: [appYamlRenderer()] };

function request(given: Partial<GivenOptions> = {}, more: Partial<TemplateRequest> = {}): TemplateRequest {
  return {
    app: { text: 'web', name: 'web' },
    name: 'shop',
    namespace: 'prod',
    given: { values: { admin: 'me' }, secretRefs: [], ...given },
    ...more,
  };
}

async function failure(asked: TemplateRequest): Promise<AppstoreError> {
  return template(deps, asked).then(
    () => Promise.reject(new Error('it was rendered')),
    (error: AppstoreError) => error,
  );
}

test('without a cluster: placeholders, told as such, and a current Kubernetes', async () => {
  const rendered = await template(deps, request({ secretRefs: [{ path: 'token', secret: 's', key: 'k' }] }));
  const data = rendered.objects[0]?.object.data;
  expect(Buffer.from(data.key, 'base64').toString()).toBe('generated-at-install');
  expect(Buffer.from(data.token, 'base64').toString()).toBe('secret/s:k');
  expect(rendered.problems.map(({ at }) => at)).toEqual(['key', 'token']);
  expect(rendered.objects[1]?.object.spec.template.metadata.annotations).toEqual({ minor: '36' });
});

test('values that a renderer refuses are told with the name of the app, and how to see what there is', async () => {
  const own = appYamlRenderer();
  const refusing: Renderer = {
    ...own,
    accepts: (files) => own.accepts(files),
    describe: async (...asked) => ({ ...(await own.describe(...asked)), valuesBy: 'renderer' }),
    render: async () => {
      throw new AppstoreError('VALUES_INVALID', '`policy` is required', {
        problems: [{ at: 'policy', message: 'is required' }],
      });
    },
  };
  const rendering = template({ ...deps, renderers: [refusing] }, request());
  await expect(rendering).rejects.toMatchObject({
    message: 'web: `policy` is required',
    hint: '`appstore values builtin/web` shows what there is.',
  });
});

test('null takes a value back: the default holds', async () => {
  const { objects } = await template(deps, request({ values: { admin: 'me', replicas: null, size: null } }));
  expect(objects[1]?.object.spec.replicas).toBe(1);
});

test('another Kubernetes', async () => {
  for (const kubernetes of ['1.30', 'v1.30', '1.30.4']) {
    const { objects } = await template(deps, request({}, { kubernetes }));
    expect(objects[1]?.object.spec.template.metadata.annotations).toEqual({ minor: '30' });
  }
  expect((await failure(request({}, { kubernetes: 'new' }))).code).toBe('USAGE');
});

test('a Kubernetes that the app does not run on', async () => {
  const demanding = appFiles(
    'requires: {kubernetes: ">=1.29"}\nvalues: {type: object, properties: {admin: {type: string}}}\nresources: []\n',
  );
  const deps = { catalogs: [catalogOf(demanding)], renderers: [appYamlRenderer()] };
  const asked = (kubernetes: string) =>
    template(deps, request({}, { kubernetes })).catch((error: AppstoreError) => error);
  expect(await asked('1.28')).toMatchObject({
    code: 'REQUIREMENT_UNMET',
    message: 'web needs Kubernetes >=1.29, and v1.28.0 is assumed',
  });
  expect(await asked('1.29')).toMatchObject({ objects: [] });
});

test('images, with and without a mirror', async () => {
  expect(await images(deps, request())).toEqual([
    { image: 'ghcr.io/a/b:1', used: ['Deployment/shop log'] },
    { image: 'nginx:1.27', used: ['Deployment/shop main', 'Deployment/shop side'] },
  ]);
  const mirrored = await images(deps, request({ imageRegistry: 'mirror.example' }));
  expect(mirrored.map(({ image }) => image)).toEqual([
    'mirror.example/a/b:1',
    'mirror.example/library/nginx:1.27',
  ]);
});

test('patches come last: they see the mirror and may replace it', async () => {
  const patch = {
    target: { kind: 'Deployment', name: 'shop' },
    json: [
      {
        op: 'test' as const,
        path: '/spec/template/spec/containers/0/image',
        value: 'm.example/library/nginx:1.27',
      },
      { op: 'replace' as const, path: '/spec/template/spec/containers/0/image', value: 'own:1' },
    ],
  };
  const { objects } = await template(
    deps,
    request({ imageRegistry: 'm.example', imagePullSecrets: ['pull'], patches: [patch] }),
  );
  const spec = objects[1]?.object.spec.template.spec;
  expect(spec.containers[0].image).toBe('own:1');
  expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
});

describe('bad input', () => {
  test('values that do not fit, all at once, with what is missing', async () => {
    const error = await failure(request({ values: { replcas: 3, size: '8GB' } }));
    expect(error.code).toBe('VALUES_INVALID');
    expect(error.problems).toEqual([
      { at: 'size', message: 'must be a Kubernetes quantity such as 8Gi or 250m, is "8GB"' },
      { at: 'replcas', message: 'is not known', hint: 'did you mean `replicas`?' },
      { at: 'admin', message: 'is required: Name of the administrator' },
    ]);
  });

  test('missing values, with how to give them', async () => {
    const error = await failure(request({ values: {} }));
    expect([error.code, error.message]).toEqual([
      'VALUES_MISSING',
      'web needs values that were not given: `admin`',
    ]);
    expect(error.hint).toContain('--set admin=...');
  });

  test('a given secret must fit, and is not told', async () => {
    const error = await failure(
      request({ values: { admin: 'me', key: 'hunter2hunter2', token: 'tooshort' } }),
    );
    expect(error.problems.map(({ at }) => at)).toEqual(['key', 'token']);
    expect(JSON.stringify([error.message, error.problems])).not.toMatch(/hunter2|tooshort/);
  });

  test.each<[string, TemplateRequest, string]>([
    ['a name', request({}, { name: 'Shop_1' }), 'NAME_INVALID'],
    ['a long name', request({}, { name: 'a'.repeat(54) }), 'NAME_INVALID'],
    ['a namespace', request({}, { namespace: 'a.b' }), 'NAME_INVALID'],
    ['an app', request({}, { app: { text: 'wbe', name: 'wbe' } }), 'APP_NOT_FOUND'],
    ['a patch', request({ patches: [{ target: { kind: 'Job', name: 'x' }, merge: {} }] }), 'PATCH_INVALID'],
  ])('%s', async (_, asked, code) => {
    expect((await failure(asked)).code).toBe(code);
  });
});
