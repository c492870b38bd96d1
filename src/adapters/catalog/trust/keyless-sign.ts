import { bundleToJSON } from '@sigstore/bundle';
import {
  CIContextProvider,
  DEFAULT_FULCIO_URL,
  DEFAULT_REKOR_URL,
  DSSEBundleBuilder,
  FulcioSigner,
  RekorWitness,
  TSAWitness,
} from '@sigstore/sign';
import { AppstoreError } from '../../../domain/errors.ts';
import {
  type IndexStatement,
  payloadType,
  type SignedSubject,
  writeStatement,
} from '../../../domain/index-statement.ts';
import type { KeylessRequest } from '../../../services/catalog-maker.ts';
import { chainOf } from './error-chain.ts';

/** Each service is asked so often, and waited for so many milliseconds. */
const asking = { retry: { retries: 2 }, timeout: 30_000 };

/**
 * Signs by a certificate that lives for minutes: it is issued for whoever the token names, a log or a timestamp authority witnesses that it
 * was used in time, and the key is forgotten.
 *
 * @returns the text of a Sigstore bundle, in one line
 * @throws AppstoreError USAGE without a token, SIGNING_FAILED; the token is in no message
 */
export async function signKeyless(
  statement: IndexStatement,
  { token, fulcio = DEFAULT_FULCIO_URL, rekor, timestamp }: KeylessRequest,
  subject?: SignedSubject,
): Promise<string> {
  const secret = token ?? (await pipelineToken());
  const log = rekor ?? (timestamp === undefined ? DEFAULT_REKOR_URL : undefined);
  const builder = new DSSEBundleBuilder({
    signer: new FulcioSigner({
      fulcioBaseURL: fulcio,
      identityProvider: { getToken: async () => secret },
      ...asking,
    }),
    witnesses: [
      ...(log === undefined ? [] : [new RekorWitness({ rekorBaseURL: log, entryType: 'dsse', ...asking })]),
      ...(timestamp === undefined ? [] : [new TSAWitness({ tsaBaseURL: timestamp, ...asking })]),
    ],
  });
  try {
    const data = Buffer.from(writeStatement(statement, subject), 'utf8');
    return `${JSON.stringify(bundleToJSON(await builder.create({ data, type: payloadType })))}\n`;
  } catch (error) {
    // The library puts the token into some of its messages, and this one goes no further.
    throw new AppstoreError(
      'SIGNING_FAILED',
      `nothing was signed: ${chainOf(error).replaceAll(secret, '...')}`,
    );
  }
}

/** Of GitHub Actions or Buildkite. Throws USAGE where this is no pipeline that gives one. */
async function pipelineToken(): Promise<string> {
  try {
    return (await new CIContextProvider('sigstore').getToken()).trim();
  } catch (error) {
    throw new AppstoreError('USAGE', 'nothing says who signs: there is no identity token', {
      hint: 'Give one for the audience `sigstore` with --identity-token FILE or in SIGSTORE_ID_TOKEN. GitHub Actions needs `permissions: id-token: write`.',
      cause: error,
    });
  }
}
