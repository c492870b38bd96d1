import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFolderCatalog } from '../../src/adapters/catalog/folder.ts';
import { appYamlRenderer } from '../../src/adapters/render/app-yaml.ts';
import { newApprovalKey } from '../../src/services/approval.ts';
import { fixtureCatalog, fixtureRenderer } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';
import { type ServerHarness, serverHarness } from '../support/server.ts';

/** A part of an OpenAPI document, as far as the test reads it. */
// biome-ignore lint/suspicious/noExplicitAny: the document is read as what it says
type Document = any;

const cluster = createMemoryCluster({ simulate: true });
/** Another cluster, where nothing ever gets ready. */
const idle = createMemoryCluster();
let server: ServerHarness;
let slow: ServerHarness;
let document: Document;
let ajv: Ajv.default;
const asked = new Set<string>();

const apps = fixtureCatalog(() => ({
  version: '1.0.0',
  objects: ({ installation }) => [workload(installation)],
}));
const browse = async () => ({
  catalogs: [apps, openFolderCatalog('builtin', join(import.meta.dirname, '../../catalog'))],
  renderers: [
    appYamlRenderer('0.0.0'),
    fixtureRenderer(() => ({ version: '1.0.0', objects: ({ installation }) => [workload(installation)] })),
  ],
});

function workload({ name, namespace }: { readonly name: string; readonly namespace: string }) {
  const labels = { app: name };
  const containers = [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

beforeAll(async () => {
  const settings = { approvalKey: newApprovalKey() };
  server = await serverHarness({ cluster, browse, settings });
  slow = await serverHarness({ cluster: idle, browse, settings });
  document = (await server.app.inject('/api/v1/openapi.json')).json();
  ajv = new Ajv.default({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'api', components: document.components });
});

afterAll(async () => {
  await Promise.all([server.stop(), slow.stop()]);
});

/** The path of the document that an address is of: the one with the fewest blanks. */
function pathOf(url: string): string {
  const parts = (url.split('?')[0] ?? '').split('/');
  const fits = Object.keys(document.paths).filter((path) => {
    const own = path.split('/');
    return own.length === parts.length && own.every((part, at) => part.startsWith('{') || part === parts[at]);
  });
  const blanks = (path: string) => path.split('{').length;
  const [best] = fits.sort((a, b) => blanks(a) - blanks(b));
  if (best === undefined) throw new Error(`${url}: the document has no such path`);
  return best;
}

let count = 0;
const newKey = () => `contract-${count++}-0123456789abcdef`;

interface Asked {
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly of?: ServerHarness;
}

/** Asks, and holds the answer against the document. */
async function ask(
  method: 'GET' | 'POST',
  url: string,
  status: number,
  options: Asked = {},
): Promise<Document> {
  const { body, of = server } = options;
  const headers = { 'x-test-caller': 'ann', 'idempotency-key': newKey(), ...options.headers };
  const answer = await of.app.inject({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  expect([url, answer.statusCode, answer.statusCode === status ? '' : answer.body]).toEqual([
    url,
    status,
    '',
  ]);
  const path = pathOf(url);
  if (status < 400) asked.add(`${method} ${path}`);
  const described = document.paths[path][method.toLowerCase()]?.responses[String(status)];
  expect(described, `${method} ${path} ${status} is documented`).toBeDefined();
  const type = String(answer.headers['content-type'] ?? '').split(';')[0];
  const content: Record<string, { schema: object }> = described.content ?? {};
  const media = Object.keys(content).find((one) => one === type || one === `${type?.split('/')[0]}/*`);
  if (Object.keys(content).length === 0) expect(answer.body).toBe('');
  else
    expect([path, Object.keys(content), media === undefined ? type : 'documented']).toEqual([
      path,
      Object.keys(content),
      'documented',
    ]);
  for (const name of Object.keys(described.headers ?? {})) expect(answer.headers[name]).toBeDefined();
  if (type?.endsWith('json') !== true) return answer;
  const schema = JSON.parse(
    JSON.stringify(content[media ?? '']?.schema).replaceAll('#/components', 'api#/components'),
  );
  expect([path, status, ajv.validate(schema, answer.json()) ? null : ajv.errors]).toEqual([
    path,
    status,
    null,
  ]);
  return answer.json();
}

const deployed = '/api/v1/deployments/team/web';
const wanted = { app: 'test/fixture', name: 'web', namespace: 'team' };

/** Waits for the end of an operation. */
async function ended(operation: Document, of = server): Promise<Document> {
  await ask('GET', `/api/v1/operations/${operation.id}/events`, 200, { of });
  return ask('GET', `/api/v1/operations/${operation.id}`, 200, { of });
}

it('answers what needs no caller as it is documented', async () => {
  await ask('GET', '/healthz', 200);
  await ask('GET', '/readyz', 200);
  expect((await ask('GET', '/metrics', 200)).body).toContain('appstore_operations_running');
  await ask('GET', '/api/v1/openapi.json', 200);
  await ask('GET', '/api/v1/errors/FIELD_CONFLICT', 200);
  await ask('GET', '/api/v1/errors/NO_SUCH_CODE', 404);
  await ask('GET', '/api/v1/errors/lower', 400);
});

it('answers what is found in catalogs as it is documented', async () => {
  expect((await ask('GET', '/api/v1/apps', 200)).total).toBeGreaterThan(10);
  const first = await ask('GET', '/api/v1/apps?limit=3', 200);
  const second = await ask('GET', `/api/v1/apps?limit=3&cursor=${first.next}`, 200);
  const names = (list: Document) => list.items.map((one: Document) => one.name);
  expect(new Set([...names(first), ...names(second)]).size).toBe(6);
  expect(names(await ask('GET', '/api/v1/apps?q=postgres', 200))[0]).toMatch(/postgres/);
  await ask('GET', '/api/v1/apps?cursor=nonsense', 400);
  await ask('GET', '/api/v1/apps?limit=0', 400);
  await ask('GET', '/api/v1/apps?nothing=1', 400);
  await ask('GET', '/api/v1/categories', 200);
  const app = await ask('GET', '/api/v1/apps/builtin/whoami', 200);
  expect(app.source).toBe('whoami');
  await ask('GET', `/api/v1/apps/builtin/whoami?version=${app.version}`, 200);
  await ask('GET', '/api/v1/apps/builtin/whoami/versions', 200);
  expect((await ask('GET', '/api/v1/apps/builtin/whoami/schema', 200)).type).toBe('object');
  expect((await ask('GET', '/api/v1/apps/builtin/whoami/readme', 200)).body).toContain('#');
  expect((await ask('GET', '/api/v1/apps/builtin/whoami/icon', 200)).body).toContain('<svg');
  await ask('GET', '/api/v1/apps/test/fixture/icon', 204);
  expect(await ask('GET', '/api/v1/apps/builtin/whoam', 404)).toMatchObject({
    code: 'APP_NOT_FOUND',
    hint: expect.stringContaining('whoami'),
  });
  expect((await ask('GET', '/api/v1/catalogs', 200)).items[0].location).toBe('test');
});

it('answers about sessions and clusters as it is documented', async () => {
  expect(await ask('GET', '/api/v1/session', 200)).toMatchObject({
    caller: { name: 'ann', groups: ['testers'], mode: 'token' },
    defaultCluster: 'main',
    sandboxes: [],
  });
  await ask('GET', '/api/v1/clusters', 200);
  await ask('POST', '/api/v1/session/logout', 204);
  expect(await ask('GET', '/api/v1/deployments?cluster=nowhere', 404)).toMatchObject({
    code: 'CLUSTER_UNKNOWN',
  });
});

it('answers about a deployment from its install to its removal as it is documented', async () => {
  await ask('GET', deployed, 404);
  const plan = await ask('POST', '/api/v1/deploy', 200, { body: { ...wanted, dryRun: true } });
  const body = { ...wanted, planDigest: plan.planDigest };
  await ended(await ask('POST', '/api/v1/deploy', 202, { body }));
  await ask('POST', '/api/v1/deploy', 409, { body: { ...wanted, planDigest: `sha256:${'0'.repeat(64)}` } });
  expect((await ask('GET', '/api/v1/deployments?limit=1', 200)).items).toHaveLength(1);
  await ask('GET', '/api/v1/outdated', 200);
  expect(await ask('GET', deployed, 200)).toMatchObject({ health: 'healthy', cluster: 'main' });
  for (const part of ['status', 'history', 'why', 'drift', 'values', 'events', 'logs', 'credentials'])
    await ask('GET', `${deployed}/${part}`, 200);
  await ask('GET', `${deployed}/operation`, 404);
  await ask('GET', `${deployed}/credentials?key=none`, 404);
  expect((await ask('POST', `${deployed}/upgrade`, 200, { body: {} })).outcome).toBe('unchanged');
  await ask('POST', `${deployed}/upgrade`, 200, { body: { dryRun: true, values: { a: 1 } } });
  await ended(await ask('POST', `${deployed}/upgrade`, 202, { body: { values: { a: 1 } } }));
  await ended(await ask('POST', `${deployed}/rollback`, 202, { body: { revision: 1 } }));
  const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'team', name: 'web' };
  await cluster.delete(ref);
  expect((await ask('GET', `${deployed}/drift`, 200)).objects).toHaveLength(1);
  await ask('POST', `${deployed}/repair`, 200, { body: { dryRun: true } });
  expect(await ended(await ask('POST', `${deployed}/repair`, 202, { body: {} }))).toMatchObject({
    state: 'done',
    result: { kind: 'Repair', outcome: 'repaired' },
  });
  await ask('POST', `${deployed}/remove`, 422, { body: {} });
  await ask('POST', `${deployed}/remove`, 200, { body: { dryRun: true } });
  const removal = await ended(await ask('POST', `${deployed}/remove`, 202, { body: { confirm: true } }));
  expect(removal).toMatchObject({ state: 'done', result: { kind: 'Removal' } });
  await ask('GET', deployed, 404);
});

it('answers about an operation that is cut and gone on with as it is documented', async () => {
  const begun = await ask('POST', '/api/v1/deploy', 202, { body: wanted, of: slow });
  const path = `/api/v1/operations/${begun.id}`;
  expect(await ask('GET', path, 200, { of: slow })).toMatchObject({ state: 'running' });
  expect(await ask('GET', `${deployed}/operation`, 200, { of: slow })).toMatchObject({ id: begun.id });
  const bob = { of: slow, headers: { 'x-test-caller': 'bob' } };
  expect(await ask('GET', path, 200, bob)).toMatchObject({ state: 'running', by: 'ann' });
  expect(await ask('POST', `${path}/cancel`, 403, bob)).toMatchObject({ code: 'FORBIDDEN' });
  expect(await ask('POST', `${path}/cancel`, 202, { of: slow })).toMatchObject({
    state: 'running',
    stopping: true,
  });
  expect(await ended(begun, slow)).toMatchObject({ state: 'interrupted' });
  expect(await ask('GET', path, 200, { of: slow })).toMatchObject({ state: 'interrupted', revision: 1 });
  const goesOn = await ask('POST', `${path}/resume`, 202, { body: { wait: false }, of: slow });
  expect(goesOn.id).toBe(begun.id);
  expect(await ended(goesOn, slow)).toMatchObject({ state: 'done', result: { revision: 1 } });
  await ask('GET', '/api/v1/operations/nonsense', 404);
});

it('answers about plans as it is documented, and lets nobody carry out what they approved themselves', async () => {
  const making = { ...wanted, operation: 'install', requireApproval: true };
  const plan = await ask('POST', '/api/v1/plans', 200, { body: making });
  expect(await ask('POST', '/api/v1/plans/show', 200, { body: { plan } })).toMatchObject({
    outcome: 'planned',
  });
  expect(await ask('POST', '/api/v1/plans/apply', 403, { body: { plan } })).toMatchObject({
    code: 'PLAN_NOT_APPROVED',
  });
  const own = await ask('POST', '/api/v1/plans/approve', 200, { body: { plan } });
  expect(own.approvals).toMatchObject([{ by: 'ann' }]);
  await ask('POST', '/api/v1/plans/apply', 403, { body: { plan: own } });
  const headers = { 'x-test-caller': 'bob' };
  const approved = await ask('POST', '/api/v1/plans/approve', 200, { body: { plan }, headers });
  expect(
    await ended(await ask('POST', '/api/v1/plans/apply', 202, { body: { plan: approved } })),
  ).toMatchObject({
    state: 'done',
    name: 'web',
  });
  await ask('POST', '/api/v1/plans/apply', 409, { body: { plan: approved } });
});

it('answers about plans that wait in the cluster as it is documented', async () => {
  const bob = { 'x-test-caller': 'bob' };
  const making = { ...wanted, name: 'later', operation: 'install', requireApproval: true };
  const plan = await ask('POST', '/api/v1/plans', 200, { body: making });
  const kept = await ask('POST', '/api/v1/plans/keep', 200, { body: { plan } });
  expect(kept).toMatchObject({ name: 'later', state: 'waiting', approvals: [] });
  const path = `/api/v1/plans/team/${kept.id}`;
  expect((await ask('GET', '/api/v1/plans', 200)).items).toMatchObject([
    { id: kept.id, operation: 'install', app: 'fixture', state: 'waiting', made: plan.made },
  ]);
  // Before anybody has approved it, it shows whether it still holds; writing takes the approval.
  await ask('POST', '/api/v1/plans/apply', 200, { body: { plan, dryRun: true } });
  await ask('POST', '/api/v1/plans/apply', 403, { body: { plan } });
  const signed = await ask('POST', '/api/v1/plans/approve', 200, { body: { plan }, headers: bob });
  await ask('POST', '/api/v1/plans/keep', 200, { body: { plan: signed }, headers: bob });
  // Whoever made it and keeps it again takes no approval away.
  expect((await ask('POST', '/api/v1/plans/keep', 200, { body: { plan } })).approvals).toMatchObject([
    { by: 'bob', own: false },
  ]);
  expect((await ask('GET', path, 200, { headers: bob })).approvals).toMatchObject([{ own: true }]);
  const forged = { ...signed, name: 'other', approvals: signed.approvals };
  const other = await ask('POST', '/api/v1/plans/keep', 200, { body: { plan: forged } });
  expect(other).toMatchObject({ state: 'waiting', approvals: [] });
  await ask('POST', `/api/v1/plans/team/${other.id}/drop`, 204, { body: {} });
  await ask('GET', `/api/v1/plans/team/${other.id}`, 404);
  const no = await ask('POST', `${path}/reject`, 200, { body: { reason: 'not today' }, headers: bob });
  expect(no).toMatchObject({
    state: 'rejected',
    rejection: { by: 'bob', reason: 'not today' },
    approvals: [],
  });
  await ask('POST', '/api/v1/plans/apply', 403, { body: { plan: no.plan } });
  await ask('POST', `${path}/drop`, 204, { body: {} });
  expect((await ask('GET', '/api/v1/plans', 200)).items).toEqual([]);
  const elsewhere = { ...plan, namespace: 'nowhere' };
  expect(await ask('POST', '/api/v1/plans/keep', 404, { body: { plan: elsewhere } })).toMatchObject({
    code: 'NAMESPACE_MISSING',
  });
});

it('has been asked everything that it documents', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...asked].sort()).toEqual(documented.sort());
});

it('is a document that names each operation once, and every schema that it refers to', () => {
  const all: Document[] = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as object),
  );
  const ids = all.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(names.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
  for (const name of Object.keys(document.components.schemas))
    expect(() => ajv.compile({ $ref: `api#/components/schemas/${name}` })).not.toThrow();
});
