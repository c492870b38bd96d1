import { expect, test, vi } from 'vitest';
import { person, refused } from '../../../support/catalog-person.ts';
import { bareRepository, chartFiles } from '../../../support/git-server.ts';
import { sshServer } from '../../../support/ssh-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const signal = new AbortController().signal;
const chart = (version: string) => chartFiles('web', version);

/** A bound against hanging: a connection starts a dozen programs, each of which a busy machine may let wait. */
vi.setConfig({ testTimeout: 300_000 });

/** A repository behind OpenSSH's own server, and somebody whose `ssh` knows its key and checks it. */
async function setUp() {
  const repository = await bareRepository(await temporaryFolder());
  const first = await repository.commit(chart('1.0.0'));
  const server = await sshServer();
  const me = await person(undefined, `${server.bin}:${process.env.PATH}`);
  return { repository, first, server, me, url: `git+${server.url}${repository.path}` };
}

test('over ssh a catalog is added, updated to what was pushed, and read at each ref', async () => {
  const { repository, first, me, url } = await setUp();
  expect(await me.add(`${url}#main:charts`)).toMatchObject({ outcome: 'read', apps: 1 });
  expect((await me.pull('team/web')).resolved).toMatchObject({
    version: '1.0.0',
    source: `${url}#${first}:charts/web`,
  });
  const second = await repository.commit(chart('2.0.0'));
  expect(await me.store.update('team', signal)).toMatchObject({ outcome: 'read' });
  expect((await me.pull('team/web')).resolved).toMatchObject({
    version: '2.0.0',
    source: `${url}#${second}:charts/web`,
  });
  expect(await me.store.update('team', signal)).toMatchObject({ outcome: 'unchanged' });
  expect((await me.pull(`${url}#${first}:charts/web`)).resolved.version).toBe('1.0.0');
});

test('over ssh a host whose key changed is refused, as is one that nobody knows; what was read stays', async () => {
  const { server, me, url } = await setUp();
  await me.add(`${url}#main:charts`);
  await server.changeHostKey();
  const failure = refused(
    'CATALOG_FORBIDDEN',
    /key of its host is another one than before/,
    /somebody else in between/,
  );
  await expect(me.store.update('team', signal)).rejects.toEqual(failure);
  expect((await me.pull('team/web')).resolved.version).toBe('1.0.0');
  const stranger = await sshServer();
  await expect(me.pull(`git+${stranger.url}/x.git`)).rejects.toEqual(
    refused('CATALOG_FORBIDDEN', /key of its host is not known here/, /Connect once by `ssh`/),
  );
});

test('over ssh a person without a key, a repository that is not there, and a server that is down are told apart', async () => {
  const { server, me, url } = await setUp();
  await expect(me.pull(`${url.replace('repo.git', 'none.git')}#main`)).rejects.toEqual(
    refused('CATALOG_UNREACHABLE', /there is no repository/, /address/),
  );
  await server.lockOut();
  await expect(me.pull(`${url}#main:charts/web`)).rejects.toEqual(
    refused('CATALOG_FORBIDDEN', /it wants other credentials/, /a key that the agent has/),
  );
  await server.stop();
  await expect(me.pull(`${url}#main:charts/web`)).rejects.toEqual(
    refused('CATALOG_UNREACHABLE', /refused/, /network/),
  );
});
