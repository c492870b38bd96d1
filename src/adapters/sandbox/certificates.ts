import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from './der.ts';

/** A certificate with its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority: it signs with `signer`. */
export interface CertificateAuthority extends KeyedCertificate {
  readonly commonName: string;
  readonly signer: KeyObject;
}

interface Subject {
  /** The user name where Kubernetes reads the certificate of a client. */
  readonly commonName: string;
  /** The groups of that user. */
  readonly organizations?: readonly string[];
}

export interface CertificateRequest extends Subject {
  readonly usage: 'server' | 'client';
  /** IPv4 addresses that a server answers under. */
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

// Object identifiers of RFC 5280 and RFC 5480.
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = oid('2.5.4.3');
const ORGANIZATION = oid('2.5.4.10');
const KEY_USAGE = oid('2.5.29.15');
const ALTERNATIVE_NAMES = oid('2.5.29.17');
const BASIC_CONSTRAINTS = oid('2.5.29.19');
const EXTENDED_KEY_USAGE = oid('2.5.29.37');
const PURPOSES = { server: oid('1.3.6.1.5.5.7.3.1'), client: oid('1.3.6.1.5.5.7.3.2') };

/** Makes a certificate authority that lives from `notBefore` to `notAfter`. */
export function createAuthority(
  commonName: string,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): CertificateAuthority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = signed({
    subject: { commonName },
    issuer: { commonName },
    publicKey: pair.publicKey,
    signer: pair.privateKey,
    ...validity,
    extensions: [
      critical(BASIC_CONSTRAINTS, sequence(boolean(true))),
      critical(KEY_USAGE, bits(Buffer.from([0b0000_0110]), 1)), // keyCertSign, cRLSign
    ],
  });
  return { commonName, certificate, key: pem(pair.privateKey), signer: pair.privateKey };
}

/** Issues a certificate of the authority for a server or a client. */
export function issueCertificate(
  authority: Pick<CertificateAuthority, 'commonName' | 'signer'>,
  request: CertificateRequest,
): KeyedCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = alternativeNames(request);
  const certificate = signed({
    subject: request,
    issuer: { commonName: authority.commonName },
    publicKey: pair.publicKey,
    signer: authority.signer,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    extensions: [
      critical(BASIC_CONSTRAINTS, sequence()),
      critical(KEY_USAGE, bits(Buffer.from([0b1000_0000]), 7)), // digitalSignature
      extension(EXTENDED_KEY_USAGE, sequence(PURPOSES[request.usage])),
      ...(names.length === 0 ? [] : [extension(ALTERNATIVE_NAMES, sequence(...names))]),
    ],
  });
  return { certificate, key: pem(pair.privateKey) };
}

interface Unsigned {
  readonly subject: Subject;
  readonly issuer: Subject;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Uint8Array[];
}

/** RFC 5280 4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }. */
function signed(unsigned: Unsigned): string {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    distinguishedName(unsigned.issuer),
    sequence(time(unsigned.notBefore), time(unsigned.notAfter)),
    distinguishedName(unsigned.subject),
    unsigned.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...unsigned.extensions)),
  );
  const signature = sign('sha256', body, { key: unsigned.signer, dsaEncoding: 'der' });
  const text = sequence(body, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
  const lines = text.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Positive, without a leading zero byte, 16 bytes long. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes;
}

function distinguishedName(subject: Subject): Buffer {
  const organizations = (subject.organizations ?? []).map((name) => set(sequence(ORGANIZATION, utf8(name))));
  return sequence(...organizations, set(sequence(COMMON_NAME, utf8(subject.commonName))));
}

/** RFC 5280 4.2.1.6: dNSName is [2], iPAddress is [7]. */
function alternativeNames(request: CertificateRequest): Buffer[] {
  const names = (request.names ?? []).map((name) => implicit(2, Buffer.from(name, 'ascii')));
  const addresses = (request.addresses ?? []).map((address) =>
    implicit(7, Buffer.from(address.split('.').map(Number))),
  );
  return [...names, ...addresses];
}

const extension = (id: Uint8Array, value: Uint8Array): Buffer => sequence(id, octets(value));

const critical = (id: Uint8Array, value: Uint8Array): Buffer => sequence(id, boolean(true), octets(value));

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
