import { isEncryptedKey } from '../domain/encrypted-key.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { KeylessRequest, PrivateKeyText, SignatureRequest } from '../services/catalog-maker.ts';
import type { Cli } from './cli.ts';
import { canAsk } from './io.ts';
import { readSmall } from './plan-files.ts';
import { question } from './prompts/question.ts';

/** Long enough for a build a week, short enough that a server that is stuck is noticed. */
const usualLife = 30 * 24 * 3_600_000;

/** How an index is signed, as the flags of `catalog build` and `catalog push` say; undefined where it is not. Throws USAGE. */
export async function signatureOf(cli: Cli): Promise<SignatureRequest | undefined> {
  const { signKey = [], keyless = false, signedAs, expires } = cli.options;
  if (signKey.length === 0 && !keyless) {
    if (signedAs === undefined && expires === undefined) return undefined;
    throw new AppstoreError('USAGE', '--signed-as and --expires are said of a signature', {
      hint: 'Name the key with --sign-key FILE; `appstore approve --new-key FILE` makes one. Without a key: --keyless.',
    });
  }
  const keys: PrivateKeyText[] = [];
  for (const path of signKey) keys.push(await privateKey(cli, path));
  return {
    keys,
    ...(keyless ? { keyless: await keylessRequest(cli) } : {}),
    ...(signedAs === undefined ? {} : { as: signedAs }),
    lasts: expires ?? usualLife,
    now: cli.context.clock.now(),
  };
}

/** A private key, with its passphrase where it has one: from a file, the environment, or the person at the terminal. Throws USAGE. */
export async function privateKey(cli: Cli, path: string): Promise<PrivateKeyText> {
  const { io, options } = cli;
  const pem = await readSmall(io, path);
  if (!isEncryptedKey(pem)) return { pem };
  const { passphraseFile } = options;
  if (passphraseFile !== undefined)
    return { pem, passphrase: firstLine(await readSmall(io, passphraseFile)) };
  const given = io.env.APPSTORE_KEY_PASSPHRASE;
  if (given !== undefined && given !== '') return { pem, passphrase: given };
  if (!canAsk(io, options))
    throw new AppstoreError(
      'USAGE',
      `${path}: a passphrase opens this key, and nobody is here to be asked for it`,
      {
        hint: 'Give it with --passphrase-file FILE, or in APPSTORE_KEY_PASSPHRASE; never as an argument.',
      },
    );
  const { password } = await import('@inquirer/prompts');
  const passphrase = await question(io, (asking) =>
    password({ message: `Passphrase of ${path}`, mask: true }, asking),
  );
  return { pem, passphrase };
}

async function keylessRequest(cli: Cli): Promise<KeylessRequest> {
  const { io, options } = cli;
  const { fulcioUrl, rekorUrl, timestampUrl, trustedRoot } = options;
  if (fulcioUrl !== undefined && rekorUrl === undefined && timestampUrl === undefined)
    throw new AppstoreError('USAGE', 'nobody would witness when the certificate of that service is used', {
      hint: 'Name the log or the timestamp authority of the same instance with --rekor-url or --timestamp-url.',
    });
  const token = await identityToken(cli);
  return {
    ...(token === undefined ? {} : { token }),
    ...(fulcioUrl === undefined ? {} : { fulcio: fulcioUrl }),
    ...(rekorUrl === undefined ? {} : { rekor: rekorUrl }),
    ...(timestampUrl === undefined ? {} : { timestamp: timestampUrl }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: await readSmall(io, trustedRoot) }),
  };
}

/** From a file or the environment; undefined where the pipeline that this runs in is asked for it. */
async function identityToken({ io, options }: Cli): Promise<string | undefined> {
  const { identityToken: path } = options;
  const text = path === undefined ? (io.env.SIGSTORE_ID_TOKEN ?? '') : await readSmall(io, path);
  if (text === '' && path === undefined) return undefined;
  const token = firstLine(text);
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return token;
  throw new AppstoreError('USAGE', `${path ?? 'SIGSTORE_ID_TOKEN'} holds no identity token`, {
    hint: 'It is an OpenID Connect token for the audience `sigstore`: three parts in base64 with dots between.',
  });
}

function firstLine(text: string): string {
  return text.replace(/\r?\n[\s\S]*$/, '');
}
