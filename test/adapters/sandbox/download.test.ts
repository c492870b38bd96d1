import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { downloadPrograms } from '../../../src/adapters/sandbox/download.ts';
import { PROGRAM_NAMES, PROGRAMS, type ProgramName } from '../../../src/adapters/sandbox/program-table.ts';
import type { SandboxEvent } from '../../../src/services/sandboxes.ts';
import { type Page, releaseServer, sha256, tarGz } from '../../support/release-server.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SCHEDULER = '/k8s/v1.36.3/bin/linux/amd64/kube-scheduler';

/** Everything as the official sites have it. */
function releases(): Map<string, Page> {
  const archive = tarGz({
    'etcd-v3.6.8-linux-amd64/README.md': 'read',
    'etcd-v3.6.8-linux-amd64/etcd': 'the etcd',
  });
  const file = 'etcd-v3.6.8-linux-amd64.tar.gz';
  const digests = [{ name: 'kwok-linux-amd64', digest: `sha256:${sha256('the kwok')}` }];
  const pages = new Map<string, Page>([
    [`/etcd/v3.6.8/SHA256SUMS`, { body: `${sha256('x')}  other.zip\n${sha256(archive)}  ${file}\n` }],
    [`/etcd/v3.6.8/${file}`, { status: 302, location: '/elsewhere' }],
    ['/elsewhere', { body: archive }],
    ['/api/v0.8.0', { body: JSON.stringify({ assets: digests }) }],
    ['/kwok/v0.8.0/kwok-linux-amd64', { body: 'the kwok' }],
  ]);
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
    const path = `/k8s/v1.36.3/bin/linux/amd64/${name}`;
    pages.set(path, { body: `the ${name}` }).set(`${path}.sha256`, { body: `${sha256(`the ${name}`)}\n` });
  }
  return pages;
}

async function download(pages: Map<string, Page>, names: readonly ProgramName[] = PROGRAM_NAMES) {
  const { sites, asked } = await releaseServer(pages);
  const [work, target] = [await temporaryFolder(), await temporaryFolder()];
  const events: SandboxEvent[] = [];
  const reason = await downloadPrograms({
    entries: names.map((name) => PROGRAMS[name]),
    sites,
    architecture: 'amd64',
    work,
    target,
    environment: {},
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
  });
  return { reason, events, asked, target, files: (await readdir(target)).sort() };
}

test('every program is downloaded, checked and made executable', async () => {
  const { reason, files, target, events } = await download(releases());
  expect(reason).toBeUndefined();
  expect(files).toEqual([...PROGRAM_NAMES].sort());
  expect(await readFile(join(target, 'etcd'), 'utf8')).toBe('the etcd');
  expect(await readFile(join(target, 'kwok'), 'utf8')).toBe('the kwok');
  expect((await stat(join(target, 'kube-scheduler'))).mode & 0o777).toBe(0o755);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'download', program: 'kwok', bytes: 8, total: 8 }),
  );
});

const body = 'the kube-scheduler';
const broken: readonly [string, (pages: Map<string, Page>) => unknown, RegExp][] = [
  [
    'a wrong checksum',
    (pages) => pages.set(SCHEDULER, { body: 'something else' }),
    /has the checksum [0-9a-f]{64} instead of/,
  ],
  ['a cut connection', (pages) => pages.set(SCHEDULER, { body, breakAfter: 5 }), /broke off after 5 bytes/],
  ['no such file', (pages) => pages.delete(SCHEDULER), /kube-scheduler answers 404/],
  ['no checksum', (pages) => pages.delete(`${SCHEDULER}.sha256`), /sha256 answers 404/],
  [
    'a checksum that is none',
    (pages) => pages.set(`${SCHEDULER}.sha256`, { body: '<html>' }),
    /holds no checksum/,
  ],
  [
    'endless redirects',
    (pages) => pages.set(SCHEDULER, { status: 302, location: SCHEDULER }),
    /more than 5 redirects/,
  ],
];

test.each(broken)('%s: nothing is put into place, the reason is told', async (_name, breakIt, wanted) => {
  const pages = releases();
  breakIt(pages);
  const { reason, files, events } = await download(pages, ['kube-scheduler']);
  expect(reason).toMatch(wanted);
  expect(files).toEqual([]);
  expect(events).toContainEqual({ type: 'download-failed', reason });
});

test('what does not come ends the downloading: the rest is not tried', async () => {
  const pages = releases();
  pages.delete('/etcd/v3.6.8/SHA256SUMS');
  const { reason, asked } = await download(pages);
  expect(reason).toMatch(/^etcd: /);
  expect(asked).toEqual(['/etcd/v3.6.8/SHA256SUMS']);
});

test('an archive without the program is refused', async () => {
  const pages = releases();
  const archive = tarGz({ other: 'x' });
  const sums = `${sha256(archive)}  etcd-v3.6.8-linux-amd64.tar.gz\n`;
  pages.set('/elsewhere', { body: archive }).set('/etcd/v3.6.8/SHA256SUMS', { body: sums });
  const { reason, files } = await download(pages, ['etcd']);
  expect(reason).toMatch(/does not hold etcd-v3.6.8-linux-amd64\/etcd/);
  expect(files).toEqual([]);
});
