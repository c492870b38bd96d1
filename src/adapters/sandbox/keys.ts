import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CertificateAuthority,
  type CertificateRequest,
  createAuthority,
  issueCertificate,
} from './certificates.ts';

const AUTHORITY = 'appstore-sandbox';
const DAY = 24 * 60 * 60 * 1000;

/** File names of the keys in the `keys` folder of a sandbox. */
export const keyFiles = {
  authority: 'ca.crt',
  authorityKey: 'ca.key',
  server: 'server.crt',
  serverKey: 'server.key',
  kubelet: 'kubelet.crt',
  kubeletKey: 'kubelet.key',
  client: 'client.crt',
  clientKey: 'client.key',
  accounts: 'accounts.pub',
  accountsKey: 'accounts.key',
} as const;

/** Valid for ten years from a day ago: nothing in a sandbox renews a certificate, and clocks differ. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + 3650 * DAY) };
}

/**
 * Makes the authority of a sandbox, the certificates of its servers, that of the API server as a client of the simulated
 * nodes, and the key pair that signs service account tokens.
 */
export async function createKeys(folder: string): Promise<CertificateAuthority> {
  const authority = createAuthority(AUTHORITY, validity());
  const local = { addresses: ['127.0.0.1', '10.96.0.1'], names: ['localhost', 'kubernetes.default.svc'] };
  const server = issueCertificate(authority, {
    commonName: 'kube-apiserver',
    usage: 'server',
    ...local,
    ...validity(),
  });
  const kubelet = issueCertificate(authority, {
    commonName: 'kwok',
    usage: 'server',
    ...local,
    ...validity(),
  });
  const client = issueUser(authority, { commonName: 'kube-apiserver-kubelet-client' });
  const accounts = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  const contents: Record<keyof typeof keyFiles, string> = {
    authority: authority.certificate,
    authorityKey: authority.key,
    server: server.certificate,
    serverKey: server.key,
    kubelet: kubelet.certificate,
    kubeletKey: kubelet.key,
    client: client.certificate,
    clientKey: client.key,
    accounts: accounts.publicKey,
    accountsKey: accounts.privateKey,
  };
  const names = Object.keys(keyFiles) as (keyof typeof keyFiles)[];
  await Promise.all(
    names.map((name) => writeFile(join(folder, keyFiles[name]), contents[name], { mode: 0o600 })),
  );
  return authority;
}

/** The authority of a sandbox, from its folder. */
export async function readAuthority(folder: string): Promise<CertificateAuthority> {
  const certificate = await readFile(join(folder, keyFiles.authority), 'utf8');
  const key = await readFile(join(folder, keyFiles.authorityKey), 'utf8');
  return { commonName: AUTHORITY, certificate, key, signer: createPrivateKey(key) };
}

/** Issues the certificate of a user: the common name is the user, the organizations are the groups. */
export function issueUser(
  authority: CertificateAuthority,
  user: Pick<CertificateRequest, 'commonName' | 'organizations'> & { readonly notAfter?: Date },
) {
  return issueCertificate(authority, { ...validity(), ...user, usage: 'client' });
}
