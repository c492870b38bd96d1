import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { believe } from '../../../../src/adapters/catalog/trust/believe.ts';
import { signKeyless } from '../../../../src/adapters/catalog/trust/keyless-sign.ts';
import { signingKey } from '../../../../src/adapters/catalog/trust/keys.ts';
import { rootText } from '../../../../src/adapters/catalog/trust/root.ts';
import { signStatement } from '../../../../src/adapters/catalog/trust/sign.ts';
import type { IndexStatement } from '../../../../src/domain/index-statement.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { ed25519Key } from '../../../support/signing-keys.ts';
import { ann, bob, fakeSigstore, identityToken } from '../../../support/sigstore.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const statement: IndexStatement = {
  catalog: 'example.com/team',
  version: 7,
  issued: '2026-01-01T00:00:00.000Z',
  expires: '2026-02-01T00:00:00.000Z',
  digest: `sha256:${'ab'.repeat(32)}`,
};
const nowhere = { roots: '/nowhere' };
const hourAgo = (later = 0) => new Date(Date.now() - 3_600_000 + later * 60_000);

const changed = (text: string, change: (bundle: JsonObject) => unknown) =>
  JSON.stringify(change(JSON.parse(text)));
const material = (text: string, part: JsonObject) =>
  changed(text, (read) => ({
    ...read,
    verificationMaterial: { ...(read.verificationMaterial as object), ...part },
  }));

describe('a keyless signature', () => {
  test.each([
    ['a log', { log: true }],
    ['a timestamp authority', { log: false, timestamp: true }],
    ['both', { log: true, timestamp: true }],
  ])('that %s witnessed says what was signed, and by whom', async (_, by) => {
    const sigstore = await fakeSigstore(by.log ? {} : { without: ['tlogs'] });
    const { trustedRoot, request } = sigstore;
    const text = await signKeyless(statement, request(ann, by));
    expect(JSON.parse(text).mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(text.length).toBeLessThan(20_000);
    const before = sigstore.asked.length;
    expect(await believe(text, { identities: [ann], trustedRoot }, nowhere)).toEqual({
      ...statement,
      signer: ann.identity,
      issuer: ann.issuer,
    });
    // Checking asks nobody.
    expect(sigstore.asked).toHaveLength(before);
  });

  test('counts where the certificate has expired since: a log or a timestamp witnesses that it was used in time', async () => {
    for (const by of [{ log: true }, { log: true, timestamp: true }]) {
      const { trustedRoot, request } = await fakeSigstore({ issued: hourAgo(), witnessed: hourAgo(5) });
      const text = await signKeyless(statement, request(ann, by));
      expect(await believe(text, { identities: [ann], trustedRoot }, nowhere)).toMatchObject({ version: 7 });
    }
  });

  test('of a catalog that is pinned to several counts by any of them, and by a key as well', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const pair = ed25519Key();
    const pin = { key: pair.publicPem, identities: [ann, bob], trustedRoot };
    expect(await believe(await signKeyless(statement, request(bob)), pin, nowhere)).toMatchObject({
      signer: bob.identity,
    });
    const byKey = signStatement(statement, signingKey(pair.privatePem));
    expect(await believe(byKey, pin, nowhere)).toMatchObject({ signer: expect.stringMatching(/^sha256:/) });
  });
});

describe('a keyless signature does not count', () => {
  async function refused(text: string, trustedRoot: string, pinned = ann) {
    const read = await believe(text, { identities: [pinned], trustedRoot }, nowhere);
    if (typeof read !== 'string') throw new Error('it was believed');
    return read;
  }

  test('by another identity', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = await signKeyless(statement, request(bob));
    expect(await refused(text, trustedRoot)).toBe(
      `it was made by ${bob.identity} (${bob.issuer}), and the catalog is pinned to ${ann.identity} (${ann.issuer})`,
    );
  });

  test('by an identity that only looks like it as a pattern, or begins like it', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    for (const identity of [ann.identity.replace('.', 'x'), `${ann.identity}-evil`, `x${ann.identity}`]) {
      const text = await signKeyless(statement, request({ ...ann, identity }));
      expect(await refused(text, trustedRoot)).toMatch(/it was made by/);
    }
    const text = await signKeyless(statement, request(ann));
    expect(await refused(text, trustedRoot, { ...ann, identity: '.*' })).toMatch(/it was made by/);
  });

  test('by the same name at another provider', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = await signKeyless(statement, request({ ...ann, issuer: 'https://evil.example' }));
    expect(await refused(text, trustedRoot)).toMatch(/it was made by .*\(https:\/\/evil\.example\)/);
  });

  test('with a certificate of another authority', async () => {
    const [own, other] = [await fakeSigstore(), await fakeSigstore()];
    const text = await signKeyless(statement, other.request(ann));
    expect(await refused(text, own.trustedRoot)).toMatch(/its certificate does not count/);
  });

  test('made with a certificate that had expired, as the log says', async () => {
    const { trustedRoot, request } = await fakeSigstore({ issued: hourAgo() });
    const text = await signKeyless(statement, request(ann));
    expect(await refused(text, trustedRoot)).toMatch(/its certificate does not count .*expired/);
  });

  test('made with a certificate that had expired, as the timestamp says', async () => {
    const { trustedRoot, request } = await fakeSigstore({ issued: hourAgo(), without: ['tlogs'] });
    const text = await signKeyless(statement, request(ann, { log: false, timestamp: true }));
    expect(await refused(text, trustedRoot)).toMatch(/its certificate does not count .*expired/);
  });

  test('of which nothing witnesses when it was made', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = material(await signKeyless(statement, request(ann)), { tlogEntries: [] });
    expect(await refused(text, trustedRoot)).toMatch(/nothing that counts witnesses when/);
  });

  test('that is in no log, where the root names one, whatever a timestamp says', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = await signKeyless(statement, request(ann, { log: false, timestamp: true }));
    expect(await refused(text, trustedRoot)).toMatch(/in no log that the root of trust names/);
  });

  test('of another log, of another statement, or with what the log saw changed', async () => {
    const [own, other] = [await fakeSigstore(), await fakeSigstore()];
    const text = await signKeyless(statement, own.request(ann));
    const entriesOf = (bundle: string) => JSON.parse(bundle).verificationMaterial.tlogEntries;
    const foreign = entriesOf(await signKeyless(statement, other.request(ann)));
    expect(await refused(material(text, { tlogEntries: foreign }), own.trustedRoot)).toMatch(/log/);
    const second = entriesOf(await signKeyless({ ...statement, version: 8 }, own.request(ann)));
    expect(await refused(material(text, { tlogEntries: second }), own.trustedRoot)).toMatch(
      /the log has another signature|certificate/,
    );
    const later = entriesOf(text).map((entry: JsonObject) => ({ ...entry, integratedTime: '1' }));
    expect(await refused(material(text, { tlogEntries: later }), own.trustedRoot)).toMatch(/does not/);
  });

  test('over a statement that was changed, with a key that is not that of the certificate', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = await signKeyless(statement, request(ann));
    const { dsseEnvelope } = JSON.parse(text);
    const payload = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
    payload.predicate.version = 8;
    const forged = Buffer.from(JSON.stringify(payload)).toString('base64');
    const swapped = changed(text, (read) => ({
      ...read,
      dsseEnvelope: { ...dsseEnvelope, payload: forged },
    }));
    expect(await refused(swapped, trustedRoot)).toMatch(/not|another/);
    const foreign = JSON.parse(await signKeyless(statement, request(ann))).dsseEnvelope;
    expect(
      await refused(
        changed(text, (read) => ({ ...read, dsseEnvelope: foreign })),
        trustedRoot,
      ),
    ).toMatch(/not|another/);
  });

  test('where a key is pinned, and the other way round', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const pair = ed25519Key();
    const certified = await signKeyless(statement, request(ann));
    expect(await believe(certified, { key: pair.publicPem }, nowhere)).toBe(
      'it was made with a certificate, and the catalog is pinned to a key',
    );
    const byKey = signStatement(statement, signingKey(pair.privatePem));
    expect(await refused(byKey, trustedRoot)).toBe(
      'it was made with a key, and the catalog is pinned to an identity',
    );
  });

  test('that is damaged, cut, or has a certificate that is none', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const text = await signKeyless(statement, request(ann));
    expect(await refused(text.slice(0, -200), trustedRoot)).toMatch(/not JSON/);
    for (const certificate of [{}, { rawBytes: '' }, { rawBytes: 'AAAA' }, { rawBytes: 7 }])
      expect(await refused(material(text, { certificate }), trustedRoot)).toMatch(/damaged|not/);
    expect(await refused(material(text, { tlogEntries: [{}] }), trustedRoot)).toMatch(/damaged|not/);
  });
});

describe('a root of trust', () => {
  test.each([
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['a number', '7'],
    ['nothing', '{}'],
    [
      'no authority',
      '{"mediaType":"x","tlogs":[],"certificateAuthorities":[],"ctlogs":[],"timestampAuthorities":[]}',
    ],
  ])('that is %s is told as none', async (_, trustedRoot) => {
    const { request } = await fakeSigstore();
    const text = await signKeyless(statement, request(ann));
    await expect(believe(text, { identities: [ann], trustedRoot }, nowhere)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/no root of trust/),
      hint: expect.stringMatching(/trusted_root\.json/),
    });
  });

  test('that witnesses nothing is none', async () => {
    const { request, trustedRoot } = await fakeSigstore({ without: ['tlogs', 'timestampAuthorities'] });
    const text = await signKeyless(statement, request(ann));
    await expect(believe(text, { identities: [ann], trustedRoot }, nowhere)).rejects.toThrow(
      /neither a log nor a timestamp authority/,
    );
  });

  test('of the public instance that cannot be had is told, with the way to give one', async () => {
    const folder = await temporaryFolder();
    await expect(rootText(undefined, join(folder, 'roots'), 'http://127.0.0.1:9')).rejects.toMatchObject({
      code: 'TRUST_ROOT_UNREACHABLE',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:9/),
      hint: expect.stringMatching(/--trusted-root FILE/),
    });
  });
});

describe('signing without a key', () => {
  test('that a service refuses, or that cannot be reached, is told without the token', async () => {
    const { url, request } = await fakeSigstore();
    const token = identityToken();
    for (const fulcio of [`${url}/nothing`, 'http://127.0.0.1:9']) {
      const failed = await signKeyless(statement, { ...request(ann), fulcio }).catch((error) => error);
      expect(failed).toMatchObject({ code: 'SIGNING_FAILED', hint: expect.stringMatching(/--fulcio-url/) });
      expect(JSON.stringify([failed.message, failed.stack, failed.cause])).not.toContain(token);
    }
    const secret = `${token.split('.')[0]}.bm90IGpzb24.x`;
    const failed = await signKeyless(statement, { ...request(ann), token: secret }).catch((error) => error);
    expect(failed.code).toBe('SIGNING_FAILED');
    expect(JSON.stringify([failed.message, failed.stack, failed.cause])).not.toContain(secret);
  });
});
