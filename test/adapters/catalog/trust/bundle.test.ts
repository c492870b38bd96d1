import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signingKey, verifyingKey } from '../../../../src/adapters/catalog/trust/keys.ts';
import { signStatement } from '../../../../src/adapters/catalog/trust/sign.ts';
import { verifyBundle } from '../../../../src/adapters/catalog/trust/verify.ts';
import { type IndexStatement, isCurrent, readStatement } from '../../../../src/domain/index-statement.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { longestBundle, preAuthEncoding } from '../../../../src/domain/sigstore-bundle.ts';
import { ed25519Key, p256Key, p384Key, rsaKey } from '../../../support/signing-keys.ts';

const statement: IndexStatement = {
  catalog: 'example.com/team',
  version: 7,
  issued: '2026-01-01T00:00:00.000Z',
  expires: '2026-02-01T00:00:00.000Z',
  digest: `sha256:${'ab'.repeat(32)}`,
};
const pair = ed25519Key();
const key = verifyingKey(pair.publicPem);
const bundle = signStatement(statement, signingKey(pair.privatePem));

/** The bundle with its JSON changed. */
function changed(change: (bundle: JsonObject) => unknown, text = bundle): string {
  return JSON.stringify(change(JSON.parse(text)));
}

const envelope = (part: JsonObject) =>
  changed((read) => ({ ...read, dsseEnvelope: { ...(read.dsseEnvelope as object), ...part } }));

describe('a signature over an index', () => {
  test.each([
    ['Ed25519', ed25519Key()],
    ['ECDSA on P-256', p256Key()],
  ])('by %s says what was signed', (_, { privatePem, publicPem }) => {
    const signed = signStatement(statement, signingKey(privatePem));
    expect(verifyBundle(signed, verifyingKey(publicPem))).toEqual(statement);
  });

  test('is a Sigstore bundle with a DSSE envelope, as the formats have them', () => {
    const { mediaType, verificationMaterial, dsseEnvelope } = JSON.parse(bundle);
    expect(mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(verificationMaterial.publicKey.hint).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    const payload = Buffer.from(dsseEnvelope.payload, 'base64');
    expect(JSON.parse(payload.toString())).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'index.json', digest: { sha256: 'ab'.repeat(32) } }],
    });
    // by hand, without our code: "DSSEv1 SP LEN(type) SP type SP LEN(body) SP body"
    const signed = `DSSEv1 28 application/vnd.in-toto+json ${payload.length} ${payload}`;
    const signature = Buffer.from(dsseEnvelope.signatures[0].sig, 'base64');
    expect(verify(null, Buffer.from(signed), createPublicKey(pair.publicPem), signature)).toBe(true);
  });

  test('the encoding is that of the example in the DSSE protocol', () => {
    const encoded = preAuthEncoding({
      payloadType: 'http://example.com/HelloWorld',
      payload: Buffer.from('hello world'),
    });
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  test('counts until its time is up, and not at that moment', () => {
    expect(isCurrent(statement, new Date('2026-01-31T23:59:59.999Z'))).toBe(true);
    expect(isCurrent(statement, new Date('2026-02-01T00:00:00.000Z'))).toBe(false);
  });
});

describe('a signature does not count', () => {
  const other = signStatement(statement, signingKey(ed25519Key().privatePem));
  const payload = (part: JsonObject) => {
    const { dsseEnvelope } = JSON.parse(bundle);
    const read = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
    const written = JSON.stringify({ ...read, predicate: { ...read.predicate, ...part } });
    return Buffer.from(written).toString('base64');
  };
  test.each<[string, string, RegExp]>([
    ['of another key', other, /not made with the key/],
    [
      'of another key, with the hint of ours',
      changed((read) => ({ ...read, verificationMaterial: JSON.parse(bundle).verificationMaterial }), other),
      /not made with the key/,
    ],
    ['over a statement that was changed', envelope({ payload: payload({ version: 8 }) }), /not made with/],
    ['over another type of text', envelope({ payloadType: 'text/plain' }), /something else/],
    ['that is empty', envelope({ signatures: [{ sig: '', keyid: '' }] }), /not base64/],
    ['that is not base64', envelope({ signatures: [{ sig: '%%%%', keyid: '' }] }), /not base64/],
    ['that is short', envelope({ signatures: [{ sig: 'AAAA', keyid: '' }] }), /not made with/],
    ['that is missing', envelope({ signatures: [] }), /one signature/],
    ['that is one of two', envelope({ signatures: [{ sig: 'AAAA' }, { sig: 'AAAA' }] }), /one signature/],
    ['without an envelope', changed(({ dsseEnvelope: _, ...read }) => read), /no DSSE envelope/],
    [
      'in another format',
      changed((read) => ({ ...read, mediaType: 'application/json' })),
      /no Sigstore bundle/,
    ],
    ['that was cut', bundle.slice(0, -20), /not JSON/],
    ['in nothing', '', /not JSON/],
    ['in null', 'null', /no Sigstore bundle/],
    ['in a list', '[]', /no Sigstore bundle/],
    ['in a page', '<html>404</html>', /not JSON/],
    ['in something huge', `${bundle}${' '.repeat(longestBundle)}`, /larger than 65536 bytes/],
    ['in something deep', '['.repeat(60_000), /not JSON/],
  ])('%s', (_, text, why) => {
    expect(verifyBundle(text, key)).toMatch(why);
  });

  test('by a P-256 key where an Ed25519 key is pinned, and the other way round', () => {
    const ec = p256Key();
    expect(verifyBundle(signStatement(statement, signingKey(ec.privatePem)), key)).toMatch(/not made with/);
    expect(verifyBundle(bundle, verifyingKey(ec.publicPem))).toMatch(/not made with/);
  });

  test('with any byte of the envelope changed', () => {
    const { dsseEnvelope } = JSON.parse(bundle);
    for (const part of ['payload', 'sig'] as const) {
      const bytes = Buffer.from(
        part === 'sig' ? dsseEnvelope.signatures[0].sig : dsseEnvelope.payload,
        'base64',
      );
      for (let at = 0; at < bytes.length; at += 7) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        const text = flipped.toString('base64');
        const read = verifyBundle(
          envelope(part === 'sig' ? { signatures: [{ sig: text, keyid: '' }] } : { payload: text }),
          key,
        );
        expect(read, `${part} ${at}`).toMatch(/not made with the key/);
      }
    }
  });
});

describe('a statement is none', () => {
  const good = () => JSON.parse(Buffer.from(JSON.parse(bundle).dsseEnvelope.payload, 'base64').toString());
  const predicate = (part: JsonObject) => ({ ...good(), predicate: { ...good().predicate, ...part } });
  test.each<[string, unknown, RegExp]>([
    ['of another type', { ...good(), _type: 'x' }, /no in-toto statement/],
    ['on something else', { ...good(), predicateType: 'https://slsa.dev/provenance/v1' }, /something else/],
    ['on two files', { ...good(), subject: [good().subject[0], good().subject[0]] }, /names no index/],
    ['on another file', { ...good(), subject: [{ ...good().subject[0], name: 'x' }] }, /names no index/],
    [
      'with another digest',
      { ...good(), subject: [{ name: 'index.json', digest: { md5: 'x' } }] },
      /names no index/,
    ],
    ['without a predicate', { ...good(), predicate: null }, /says nothing/],
    ['for no catalog', predicate({ catalog: '' }), /names no catalog/],
    ['for a catalog with escapes in its name', predicate({ catalog: 'a\u001b[2J' }), /names no catalog/],
    ['with version 0', predicate({ version: 0 }), /version is no number/],
    ['with half a version', predicate({ version: 1.5 }), /version is no number/],
    ['with a version past what numbers hold', predicate({ version: 2 ** 53 }), /version is no number/],
    ['with a version as text', predicate({ version: '7' }), /version is no number/],
    ['without an end', predicate({ expires: '' }), /says no time/],
    ['with an end that is no time', predicate({ expires: '2026-99-01T00:00:00Z' }), /says no time/],
    ['with an end in a time of its own', predicate({ expires: 'tomorrow' }), /says no time/],
  ])('%s', (_, value, why) => {
    expect(readStatement(JSON.stringify(value))).toMatch(why);
  });
});

describe('a key', () => {
  test.each([
    ['RSA', rsaKey(), /type rsa/],
    ['P-384', p384Key(), /type ec/],
  ])('%s is refused', (_, { privatePem, publicPem }, why) => {
    expect(() => signingKey(privatePem)).toThrow(why);
    expect(() => verifyingKey(publicPem)).toThrow(why);
  });

  test('that is none, and a private one in place of a public one, are refused', () => {
    expect(() => signingKey('hello')).toThrow(/no private key in PEM form/);
    expect(() => verifyingKey('hello')).toThrow(/no public key in PEM form/);
    expect(() => verifyingKey(pair.privatePem)).toThrow(/is a private key/);
    expect(() => signingKey(pair.publicPem)).toThrow(/no private key/);
  });
});
