import { applySetId, ownershipKeys } from '../domain/ownership.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { requireRecord } from './inspect.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';

/**
 * The credentials of an installation, shown only when asked for by name: the generated secrets, by path in the values; where it has
 * none, as with charts, what stands in its own Secrets, by `SECRET/KEY`. Throws INSTALLATION_NOT_FOUND, FORBIDDEN.
 */
export async function credentials(
  deps: ClusterDeps,
  name: InstallationName,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const generated = await deps.records.readGenerated(name.namespace, name.name, signal);
  if (Object.keys(generated).length > 0) return generated;
  return ownSecrets(deps, await requireRecord(deps, name, signal), signal);
}

/** What is no credential for a person: certificates with their keys, pull secrets, tokens of service accounts. */
const otherTypes = /^(kubernetes\.io\/(tls|dockercfg|dockerconfigjson|service-account-token)|helm\.sh\/)/;

/** Read live, as templates keep a password by looking it up there; only from Secrets that carry our label still. */
async function ownSecrets(
  { cluster }: ClusterDeps,
  { namespace, name, inventory }: InstallationRecord,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const refs = inventory.filter((entry) => entry.group === '' && entry.kind === 'Secret');
  const own = refs.filter((entry) => entry.namespace === namespace);
  const live = await Promise.all(own.map((ref) => cluster.get(ref, signal)));
  const ours = live.filter(
    (secret) => secret?.metadata.labels?.[ownershipKeys.partOf] === applySetId(namespace, name),
  );
  return Object.fromEntries(
    ours.flatMap((secret) => {
      const { type = '', data = {} } = secret as { type?: string; data?: Record<string, string> };
      if (secret === undefined || otherTypes.test(type)) return [];
      return Object.entries(data).flatMap(([key, value]) => {
        const text = lineOf(value);
        return text === undefined ? [] : [[`${secret.metadata.name}/${key}`, text]];
      });
    }),
  );
}

/** A value that is one line of text: no file, no key material, nothing empty. */
function lineOf(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  return text === '' || /[\u0000-\u001f\ufffd]/.test(text) ? undefined : text;
}
