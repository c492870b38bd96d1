import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  keyId,
  signingKey,
  verifyingKey,
  verifyingKeys,
} from '../../../../src/adapters/catalog/trust/keys.ts';
import { ed25519Key } from '../../../support/signing-keys.ts';
import { testAuthority } from '../../../support/web-server.ts';

const block = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

test.each<[string, string, RegExp]>([
  ['of OpenSSH', block('OPENSSH PRIVATE KEY'), /a key of OpenSSH/],
  ['of OpenSSH, the public one', 'ssh-ed25519 AAAAC3Nz ann@example', /a key of OpenSSH/],
  ['of cosign', block('ENCRYPTED SIGSTORE PRIVATE KEY'), /of cosign/],
  ['of OpenPGP', block('PGP PUBLIC KEY BLOCK'), /of OpenPGP/],
  ['that is a JSON Web Key', '{"kty":"OKP","crv":"Ed25519"}', /a JSON Web Key/],
  ['that is a certificate', testAuthority().ca, /a certificate/],
])('a key in another format is told as what it is: one %s', (_, text, what) => {
  for (const read of [signingKey, verifyingKey])
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(what),
        hint: expect.stringMatching(/./),
      }),
    );
});

test('a text may hold several public keys, and what stands between them does not count', () => {
  const pairs = [ed25519Key(), ed25519Key()];
  const text = `the old one\n${pairs.map(({ publicPem }) => publicPem).join('the new one\n')}`;
  expect(verifyingKeys(text).map(keyId)).toEqual(
    pairs.map(({ publicPem }) => keyId(createPublicKey(publicPem))),
  );
  expect(() => verifyingKeys(`${text}${block('PUBLIC KEY')}`)).toThrow(/no public key/);
  expect(() => verifyingKeys('')).toThrow(/no public key/);
});
