import { parseLifetime } from '../duration.ts';
import type { FlagSpec } from './flag.ts';

/** A service that is spoken to: by TLS, on this machine also without. */
function parseService(text: string): string | undefined {
  const url = URL.parse(text);
  const here = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url?.protocol === 'https:' || (here && url.protocol === 'http:')
    ? text.replace(/\/+$/, '')
    : undefined;
}

const service = (flags: string, description: string): FlagSpec => ({
  flags,
  description,
  group: 'Signature:',
  parse: parseService,
  expects: 'an https address',
});

const trustedRootFlag: FlagSpec = {
  flags: '--trusted-root <file>',
  description:
    "Sigstore's root of trust for certificates (`trusted_root.json`); that of its public instance, by TUF, if not given",
  group: 'Signature:',
  complete: 'files',
};

export const passphraseFlag: FlagSpec = {
  flags: '--passphrase-file <file>',
  description:
    'file with the passphrase of the private key; else APPSTORE_KEY_PASSPHRASE, else it is asked for',
  group: 'Signature:',
  complete: 'files',
};

/** Flags of what signs an index. */
export const signFlags: readonly FlagSpec[] = [
  {
    flags: '--sign-key <file>',
    description:
      'private key in PEM form (Ed25519, or ECDSA on P-256) that signs the index (repeatable, while a key is changed)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  passphraseFlag,
  {
    flags: '--keyless',
    description:
      'sign by a certificate that lives for minutes (Sigstore), for whoever the identity token names',
    group: 'Signature:',
  },
  {
    flags: '--identity-token <file>',
    description: 'file with the OpenID Connect token; else SIGSTORE_ID_TOKEN, else that of the pipeline',
    group: 'Signature:',
    complete: 'files',
  },
  service('--fulcio-url <url>', 'what issues the certificate; that of the public instance if not given'),
  service('--rekor-url <url>', 'log that witnesses the signature; that of the public instance if not given'),
  service('--timestamp-url <url>', 'timestamp authority that witnesses it, beside the log or in its place'),
  trustedRootFlag,
  {
    flags: '--signed-as <name>',
    description: 'name of the catalog in the signature; that of the last one if not given',
    group: 'Signature:',
  },
  {
    flags: '--expires <lifetime>',
    description: 'how long the signature counts, like 30d or 72h (30d if not given)',
    group: 'Signature:',
    parse: parseLifetime,
    expects: 'days or hours like 30d or 72h',
  },
];

const issuerFlag: FlagSpec = {
  flags: '--issuer <url>',
  description: 'provider that knows the identity, as the certificate has it',
  group: 'Signature:',
};

/** Flags of what pins a catalog to a signer. */
export const pinFlags: readonly FlagSpec[] = [
  {
    flags: '--signed-by <file>',
    description:
      'public key in PEM form; nothing is taken from the catalog that its owner did not sign (repeatable: any of them)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--signer <identity>',
    description: 'e-mail address or URL for which the certificate of a keyless signature has to be',
    group: 'Signature:',
  },
  issuerFlag,
  trustedRootFlag,
  {
    flags: '--signed-as <name>',
    description: 'name of the catalog in its signatures; that of the first one if not given',
    group: 'Signature:',
  },
];

/** Flags of what changes whom a catalog is pinned to. */
export const trustFlags: readonly FlagSpec[] = [
  {
    flags: '--add-key <file>',
    description: 'public key in PEM form whose signatures count from now on (repeatable)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--remove-key <file>',
    description: 'public key, as a file or as `sha256:...`, whose signatures count no more (repeatable)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--add-signer <identity>',
    description: 'identity whose certificates count from now on',
    group: 'Signature:',
  },
  {
    flags: '--remove-signer <identity>',
    description: 'identity whose certificates count no more',
    group: 'Signature:',
  },
  issuerFlag,
  trustedRootFlag,
];
