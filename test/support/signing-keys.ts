import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export interface SigningKey {
  readonly privatePem: string;
  readonly publicPem: string;
}

const pems = (pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): SigningKey => ({
  privatePem: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  publicPem: pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
});

export const ed25519Key = (): SigningKey => pems(generateKeyPairSync('ed25519'));
export const p256Key = (): SigningKey => pems(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
export const p384Key = (): SigningKey => pems(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
export const rsaKey = (): SigningKey => pems(generateKeyPairSync('rsa', { modulusLength: 2048 }));
