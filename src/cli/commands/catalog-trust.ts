import { AppstoreError } from '../../domain/errors.ts';
import type { SignerIdentity } from '../../services/catalog-store.ts';
import type { Cli } from '../cli.ts';
import { readSmall } from '../plan-files.ts';
import { argument } from '../target.ts';
import { catalogTrustView } from '../views/catalog-trust.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog trust <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, options } = cli;
  const { addKey = [], removeKey = [], addSigner, removeSigner, trustedRoot } = options;
  const change = {
    addKeys: await Promise.all(addKey.map((path) => readSmall(io, path))),
    removeKeys: await Promise.all(removeKey.map((key) => keyText(cli, key))),
    addIdentities: identitiesOf(cli, addSigner),
    removeIdentities: identitiesOf(cli, removeSigner),
    ...(trustedRoot === undefined ? {} : { trustedRoot: await readSmall(io, trustedRoot) }),
  };
  const store = await cli.context.catalogStore();
  await printResult(cli, catalogTrustView(await store.trust(argument(cli, 0), change, io.signal)));
}

/** A key that is to be removed may not be there any more as a file. */
async function keyText({ io }: Cli, key: string): Promise<string> {
  return key.startsWith('sha256:') ? key : readSmall(io, key);
}

function identitiesOf({ options }: Cli, identity: string | undefined): readonly SignerIdentity[] {
  if (identity === undefined) return [];
  if (options.issuer !== undefined) return [{ identity, issuer: options.issuer }];
  throw new AppstoreError('USAGE', 'an identity is one of a provider', {
    hint: 'Name the provider with --issuer URL: the same name at another provider is somebody else.',
  });
}
