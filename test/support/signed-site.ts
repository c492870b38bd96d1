import { createHash } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogFolders, openAdded } from '../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../src/adapters/catalog/config/store.ts';
import { buildSite } from '../../src/adapters/catalog/site/build.ts';
import { keyId, verifyingKey } from '../../src/adapters/catalog/trust/keys.ts';
import { parseReference } from '../../src/domain/reference.ts';
import type { SignatureRequest } from '../../src/services/catalog-maker.ts';
import type { CatalogSigner, TrustChange } from '../../src/services/catalog-store.ts';
import { sampleApp, writeFiles } from './catalog-folder.ts';
import { ed25519Key, type SigningKey } from './signing-keys.ts';
import { temporaryFolder } from './temporary.ts';
import { webServer } from './web-server.ts';

const signal = new AbortController().signal;
export const day = 24 * 3_600_000;
/** When the sites of tests are made first. */
export const start = Date.parse('2026-01-01T00:00:00Z');
export const signatureFile = 'index.json.sigstore.json';

type Tamper = (path: string, body: Buffer) => Buffer | undefined | Promise<Buffer>;
export const keepBody: Tamper = (_, body) => body;

/** Who signs. */
export type Signing = Pick<SignatureRequest, 'keys' | 'keyless'>;

export const byKey = (...pairs: readonly SigningKey[]): Signing => ({
  keys: pairs.map(({ privatePem }) => ({ pem: privatePem })),
});

/** A signed site behind a server; what it serves is a folder that a test may swap. */
export async function signedSite(pair: SigningKey = ed25519Key(), name = 'example.com/team') {
  return { ...(await signedSiteBy(byKey(pair), name)), publicPem: pair.publicPem };
}

/** The same, signed by anybody. */
export async function signedSiteBy(first: Signing, name = 'example.com/team') {
  const root = await temporaryFolder();
  const folder = join(root, 'apps');
  const site = { root: join(root, 'site'), tamper: keepBody };
  const out = site.root;
  const publish = async (version: string, at = start, signing = first) => {
    await writeFiles(folder, { 'web/app.yaml': sampleApp('web', version) });
    const sign = { ...signing, as: name, lasts: 30 * day, now: new Date(at) };
    return buildSite({ folder, out, sign }, signal);
  };
  await publish('1.0.0');
  const server = await webServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const file = await readFile(join(site.root, path)).catch(() => undefined);
    const body = file === undefined ? undefined : await site.tamper(path, file);
    if (body === undefined) return void response.writeHead(404).end();
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag }).end(body);
  });
  const keep = async (as: string) => {
    await cp(out, join(root, as), { recursive: true });
    return join(root, as);
  };
  return { url: server.url, asked: server.asked, out, site, publish, keep };
}

/** As which people know a key. */
export const idOf = ({ publicPem }: SigningKey): string => keyId(verifyingKey(publicPem));

/** A signed site, and a user who pins it to its key. */
export async function pinnedSite(first: SigningKey = ed25519Key()) {
  const [site, who] = [await signedSite(first), await catalogUser()];
  await who.add(site.url, first.publicPem);
  return { ...site, ...who, first };
}

const nobody: TrustChange = { addKeys: [], removeKeys: [], addIdentities: [], removeIdentities: [] };

/** A user who pins it, and a clock that a test moves. */
export async function catalogUser() {
  const root = await temporaryFolder();
  const folders: CatalogFolders = { config: join(root, 'config'), cache: join(root, 'cache') };
  const clock = { at: start + day };
  const surroundings = {
    cwd: '/',
    home: '/nowhere',
    environment: {},
    userAgent: 'appstore/test',
    now: () => new Date(clock.at),
  };
  const store = localCatalogs(folders, surroundings);
  const pin = (location: string, signedBy: CatalogSigner) =>
    store.add({ name: 'team', kind: 'helm', location, signedBy }, undefined, signal);
  const add = (location: string, key: string, as?: string) =>
    pin(location, { key, ...(as === undefined ? {} : { as }) });
  const catalog = async () => {
    const [opened] = (await openAdded(folders, surroundings)).catalogs;
    if (opened === undefined) throw new Error('no catalog');
    return opened;
  };
  const pull = async (reference = 'team/web') => (await catalog()).resolve(parseReference(reference), signal);
  const update = () => store.update('team', signal);
  const verify = () => store.verify('team', signal);
  const trust = (change: Partial<TrustChange> = {}) => store.trust('team', { ...nobody, ...change }, signal);
  return { folders, clock, store, pin, add, catalog, pull, update, verify, trust };
}
