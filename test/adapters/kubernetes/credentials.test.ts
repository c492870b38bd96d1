import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cachedCredentials } from '../../../src/adapters/kubernetes/credentials.ts';
import { impersonation } from '../../../src/adapters/kubernetes/impersonation.ts';
import { connectTo, connectWith, fakeApi, status, testFolder, thrownBy, version } from './fake-api.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A server that knows one bearer token. */
function guarded(token: () => string) {
  return fakeApi((request) =>
    request.headers.authorization === `Bearer ${token()}`
      ? version
      : status(401, 'Unauthorized', 'Unauthorized'),
  );
}

describe('what a kubeconfig has', () => {
  test('user and password', async () => {
    const api = await fakeApi(() => version);
    await (await connectTo(api, { user: { username: 'me', password: 'p:w' } })).version();
    expect(api.seen[0]?.headers.authorization).toBe(`Basic ${base64('me:p:w')}`);
  });

  test('a client certificate', async () => {
    const api = await fakeApi(() => version, { requestClientCertificate: true });
    const { certificate, key } = api.client();
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    await (await connectTo(api, { user })).version();
    expect(api.clientNames).toEqual(['client']);
  });

  test('a token file wins over a token, and is read anew when the server refuses what it had', async () => {
    const file = join(await testFolder(), 'token');
    await writeFile(file, 'first\n');
    let known = 'first';
    const api = await guarded(() => known);
    const cluster = await connectTo(api, { user: { token: 'ignored', tokenFile: file } });
    await cluster.version();
    known = 'second';
    await writeFile(file, 'second\n');
    expect(await cluster.version()).toMatchObject({ minor: 36 });
    expect(api.seen.map((request) => request.headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
  });

  test('a file that is missing is named with the user', async () => {
    const api = await fakeApi(() => version);
    const cluster = await connectTo(api, { user: { 'client-certificate': '/nonexistent/me.crt' } });
    expect(await thrownBy(cluster.version())).toMatchObject({
      code: 'KUBECONFIG_INVALID',
      message: 'user "test" of context "test": the file /nonexistent/me.crt cannot be read',
    });
  });

  test('data wins over a file of the same purpose, as in kubectl', async () => {
    const api = await fakeApi(() => version);
    const cluster = await connectTo(api, { cluster: { 'certificate-authority': '/nonexistent/ca.crt' } });
    expect(await cluster.version()).toMatchObject({ minor: 36 });
  });

  test('a token that the server refuses stays refused, and is not in the message', async () => {
    const api = await guarded(() => 'another');
    const error = await thrownBy((await connectTo(api)).version());
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', message: `${api.server}: Unauthorized` });
    expect(api.seen.length).toBe(1);
  });

  test('impersonation with groups and extra fields', async () => {
    const user = {
      token: 't',
      as: 'jane',
      'as-uid': '42',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'Example.org/Scope': ['x', 'y'] },
    };
    expect(impersonation(user)).toEqual({
      'impersonate-user': 'jane',
      'impersonate-uid': '42',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-example.org%2fscope': ['x', 'y'],
    });
    const api = await fakeApi(() => version);
    await (await connectTo(api, { user })).version();
    expect(api.seen[0]?.headers).toMatchObject({ 'impersonate-user': 'jane', 'impersonate-group': 'a, b' });
  });
});

describe('in a pod', () => {
  test('the service account: address, authority, namespace, and a token that rotates', async () => {
    let known = 'first';
    const api = await guarded(() => known);
    const folder = await testFolder();
    await Promise.all([
      writeFile(join(folder, 'token'), 'first'),
      writeFile(join(folder, 'ca.crt'), api.ca),
      writeFile(join(folder, 'namespace'), 'apps\n'),
    ]);
    const cluster = await connectWith({
      env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) },
      serviceAccountFolder: folder,
    });
    expect(cluster.target).toEqual({
      context: 'in-cluster',
      server: api.server,
      namespace: 'apps',
      simulated: false,
    });
    await cluster.version();
    known = 'second';
    await writeFile(join(folder, 'token'), 'second');
    expect(await cluster.version()).toMatchObject({ minor: 36 });
  });
});

describe('a credential is kept', () => {
  const credential = (name: string) => ({ headers: { authorization: name }, tls: {} });

  test('until it expires; those who find it expired together ask once', async () => {
    let reads = 0;
    let now = 0;
    const read = async () => ({ credential: credential(`${++reads}`), expires: reads * 100 });
    const credentials = cachedCredentials({ read, refresh: read }, () => now);
    await Promise.all([credentials.current(), credentials.current()]);
    expect(reads).toBe(1);
    now = 100;
    const both = await Promise.all([credentials.current(), credentials.current()]);
    expect(both.map((one) => one.headers.authorization)).toEqual(['2', '2']);
  });

  test('those who are refused together renew it once', async () => {
    let reads = 0;
    const read = async () => ({ credential: credential(`${++reads}`) });
    const credentials = cachedCredentials({ read, refresh: read });
    const used = await credentials.current();
    expect(await Promise.all([credentials.renew(used), credentials.renew(used)])).toEqual([true, true]);
    expect(reads).toBe(2);
    expect(await credentials.renew(used)).toBe(true);
    expect(reads).toBe(2);
  });

  test('the same again is no reason to repeat', async () => {
    const read = async () => ({ credential: credential('same') });
    const credentials = cachedCredentials({ read, refresh: read });
    expect(await credentials.renew(await credentials.current())).toBe(false);
  });

  test('a failure is not kept', async () => {
    let reads = 0;
    const read = async () => {
      if (++reads === 1) throw new Error('not yet');
      return { credential: credential('there') };
    };
    const credentials = cachedCredentials({ read });
    expect(await thrownBy(credentials.current())).toMatchObject({ message: 'not yet' });
    expect(await credentials.current()).toEqual(credential('there'));
  });
});
