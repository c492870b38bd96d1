import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readAdmin } from '../support/admin.ts';
import { startBuilt, textFile } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { inNamespace, kustomize, overlay } from '../support/kustomize.ts';
import { loginFlagsOf, type Replica, startReplica } from '../support/login-replicas.ts';
import { redirectUrl } from '../support/oidc-server.ts';
import { type PageAnswer, type Person, person } from '../support/person.ts';
import { eventually, freshNamespace, kube, testKubeconfig } from '../support/sandbox.ts';
import { accountFolder, accountToken, bindInstaller } from '../support/service-account.ts';
import { trustIssuer } from '../support/trusted-issuer.ts';

const publicUrl = new URL(redirectUrl).origin;
const { host } = new URL(publicUrl);
const signal = new AbortController().signal;

let provider: IdentityProvider;
let distrust: () => Promise<void>;
const running: Replica[] = [];

beforeAll(async () => {
  const people = { anna: { groups: ['shop'] }, ben: { groups: ['guests'] }, carl: { groups: ['shop'] } };
  provider = await startIdentityProvider({ people, redirectUrls: [redirectUrl] });
  distrust = await trustIssuer(provider);
});

afterAll(async () => {
  for (const one of running) one.kill('SIGKILL');
  await distrust();
  await provider.stop();
});

const replica = (folder: string, flags: readonly string[]) => startReplica(running, folder, flags);
const loginFlags = () => loginFlagsOf(provider, publicUrl);

/** A browser behind something that leads to one of the replicas. */
function browserAt(one: Replica): { readonly person: Person; leadTo(other: Replica): void } {
  const hosts = new Map([[host, one.address]]);
  return { person: person(hosts, provider.ca), leadTo: (other) => void hosts.set(host, other.address) };
}

/** Logs in; the API server may still be about to believe the provider. */
/** The API server reads whom it believes once a minute; asked more often, the server would take us for somebody who guesses. */
async function logIn(browser: Person, name: string): Promise<PageAnswer> {
  await browser.logIn(`${publicUrl}/login?return=/healthz`, name);
  for (let attempt = 1; ; attempt++) {
    const answer = await browser.send(`${publicUrl}/api/v1/session`);
    if (answer.json().code !== 'UNAUTHENTICATED' || attempt === 50) return answer;
    await sleep(2000);
  }
}

async function write(
  browser: Person,
  path: string,
  body: object,
  key = crypto.randomUUID(),
): Promise<PageAnswer> {
  const { csrf } = (await browser.send(`${publicUrl}/api/v1/session`)).json();
  return browser.send(`${publicUrl}/api/v1${path}`, {
    method: 'POST',
    headers: {
      origin: publicUrl,
      'content-type': 'application/json',
      'x-appstore-csrf': csrf,
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
}

/** The operation when it is over: the stream of its events ends with it. */
async function ended(
  browser: Person,
  location: string,
): Promise<{ readonly state: string; readonly by: string }> {
  await browser.send(`${publicUrl}${location}/events`);
  return (await browser.send(`${publicUrl}${location}`)).json();
}

describe('a server in a pod without a token, where people log in', () => {
  let namespace = '';
  let first: Replica;
  let second: Replica;

  beforeAll(async () => {
    namespace = await freshNamespace();
    await bindInstaller(namespace, { kind: 'Group', name: 'oidc:shop' });
    const folder = await accountFolder(namespace);
    const flags = await loginFlags();
    [first, second] = await Promise.all([replica(folder, flags), replica(folder, flags)]);
  });

  it('lets one do what the cluster lets her do, and another one nothing', async () => {
    const [anna, ben] = [browserAt(first).person, browserAt(first).person];
    expect((await logIn(anna, 'anna')).json()).toMatchObject({
      caller: { name: 'oidc:anna@example.org', groups: expect.arrayContaining(['oidc:shop']), mode: 'oidc' },
      defaultCluster: 'in-cluster',
    });
    expect((await logIn(ben, 'ben')).json().caller.name).toBe('oidc:ben@example.org');
    const wanted = { app: 'builtin/whoami', name: 'hello', namespace };
    const refused = await write(ben, '/deploy', wanted);
    expect([refused.status, refused.json().code]).toEqual([403, 'FORBIDDEN']);
    const begun = await write(anna, '/deploy', wanted);
    expect(begun.status).toBe(202);
    const operation = await ended(anna, String(begun.headers.location));
    expect(operation).toMatchObject({ state: 'done', by: 'oidc:anna@example.org' });
    const seen = await ben.send(`${publicUrl}/api/v1/deployments/${namespace}/hello`);
    expect([seen.status, seen.json().code]).toEqual([403, 'FORBIDDEN']);
    // What the API server was asked in her name stands in the objects, and nothing in that of the server.
    const { metadata } = await kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/hello`);
    expect(metadata.name).toBe('hello');
  });

  it('has two replicas, of which one goes on with what the other one was killed in, for the same person', async () => {
    const { person: anna, leadTo } = browserAt(first);
    await logIn(anna, 'anna');
    const annotations = { 'sandbox.appstore.dev/behaviour': 'slow', 'sandbox.appstore.dev/delay': '15s' };
    const template = { metadata: { annotations } };
    const slow = { kind: 'Deployment', metadata: { name: 'cut' }, spec: { template } };
    const begun = await write(anna, '/deploy', {
      app: 'builtin/whoami',
      name: 'cut',
      namespace,
      patches: [slow],
    });
    expect([begun.status, begun.text]).toEqual([202, expect.any(String)]);
    const location = String(begun.headers.location);
    await eventually(async () => {
      const objects = await kube(
        'GET',
        `/apis/apps/v1/namespaces/${namespace}/deployments?fieldSelector=metadata.name%3Dcut`,
      );
      return objects.items.length === 1;
    });
    first.kill('SIGKILL');
    await first.done;

    leadTo(second);
    expect((await anna.send(`${publicUrl}/api/v1/session`)).json().caller.name).toBe('oidc:anna@example.org');
    let state = '';
    await eventually(async () => {
      state = (await anna.send(`${publicUrl}${location}`)).json().state;
      return state !== 'running';
    });
    expect(state).toBe('interrupted');
    const ben = browserAt(second).person;
    await logIn(ben, 'ben');
    expect((await write(ben, `${location.replace('/api/v1', '')}/resume`, {})).status).toBe(403);
    const resumed = await write(anna, `${location.replace('/api/v1', '')}/resume`, {});
    expect([resumed.status, resumed.text]).toEqual([202, expect.any(String)]);
    const operation = await ended(anna, String(resumed.headers.location ?? location));
    expect(operation).toMatchObject({ state: 'done', by: 'oidc:anna@example.org' });
    const health = await anna.send(`${publicUrl}/api/v1/deployments/${namespace}/cut`);
    expect(health.json()).toMatchObject({ health: 'healthy' });
  }, 120_000);
});

describe('a server that asks in the name of who is logged in, with the token of its own service account', () => {
  const impersonating = async (allow: object) => [
    ...(await loginFlags()),
    '--impersonate',
    '--impersonate-allow',
    await textFile('allowed.yaml', stringify(allow)),
    '--oidc-username-claim',
    'email',
  ];
  let namespace = '';
  let token = '';
  let folder = '';

  beforeAll(async () => {
    namespace = await freshNamespace();
    const cluster = await testCluster();
    const objects = await kustomize(await overlay(namespace, 'base', ['oidc', 'impersonation']));
    for (const object of objects.filter(({ kind }) => /Role|ServiceAccount/.test(kind)))
      await cluster.apply(inNamespace(object, namespace), { fieldManager: 'test', signal });
    await cluster.close();
    await bindInstaller(namespace, { kind: 'Group', name: 'shop' });
    token = await accountToken(namespace, 'appstore');
    folder = await accountFolder(namespace, token);
  });

  it('does what the list and the shipped role let it do, and no more', async () => {
    // Carl stands in the list of the server, and not in the role.
    const allow = { users: ['anna@example.org', 'carl@example.org'], groups: ['shop'] };
    const server = await replica(folder, await impersonating(allow));
    const [anna, ben, carl] = [0, 1, 2].map(() => browserAt(server).person) as [Person, Person, Person];
    expect((await logIn(anna, 'anna')).json().caller).toEqual({
      name: 'anna@example.org',
      groups: ['shop'],
      mode: 'impersonation',
    });
    const begun = await write(anna, '/deploy', { app: 'builtin/whoami', name: 'hello', namespace });
    expect(begun.status).toBe(202);
    expect(await ended(anna, String(begun.headers.location))).toMatchObject({ state: 'done' });

    const refused = await logIn(ben, 'ben');
    expect([refused.status, refused.json().code]).toEqual([403, 'FORBIDDEN']);
    await logIn(carl, 'carl');
    const byRole = await carl.send(`${publicUrl}/api/v1/deployments?namespace=${namespace}`);
    expect([byRole.status, byRole.json().code]).toEqual([403, 'FORBIDDEN']);
  });

  it.each([['system:masters'], ['system:authenticated']])(
    'does not start with %s in its list',
    async (group) => {
      const flags = await impersonating({ users: ['anna@example.org'], groups: [group] });
      const { server } = await readAdmin(testKubeconfig());
      const run = await startBuilt(['serve', '--port', '0', ...flags], {
        env: {
          KUBECONFIG: undefined,
          KUBERNETES_SERVICE_HOST: new URL(server).hostname,
          KUBERNETES_SERVICE_PORT: new URL(server).port,
          APPSTORE_SERVICE_ACCOUNT_FOLDER: folder,
        },
      });
      const { code, stderr } = await run.done;
      expect(code).toBe(2);
      expect(stderr).toContain(`\`${group}\` belongs to the cluster`);
    },
  );

  it('could not become an administrator of the cluster, whatever its list said', async () => {
    const cluster = await testCluster();
    const user = `system:serviceaccount:${namespace}:appstore`;
    const asked = async (resource: string, name: string) => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: { name: '' },
        spec: { user, resourceAttributes: { verb: 'impersonate', resource, name } },
      };
      const { status } = (await cluster.create(review as never, { signal })) as unknown as {
        status: { allowed: boolean };
      };
      return status.allowed;
    };
    expect(await asked('groups', 'shop')).toBe(true);
    expect(await asked('users', 'anna@example.org')).toBe(true);
    expect(await asked('groups', 'system:masters')).toBe(false);
    expect(await asked('users', 'system:admin')).toBe(false);
    expect(await asked('users', 'ben@example.org')).toBe(false);
    await cluster.close();
  });
});
