import type { InstallationName } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';

/** Generated secrets by name: their names, and their values only where every one was asked for. */
export function credentialsOutput(
  { name, namespace }: InstallationName,
  secrets: Readonly<Record<string, string>>,
  options: { readonly values: boolean },
) {
  const items = sortedByKey(secrets).map(([key, value]) => (options.values ? { key, value } : { key }));
  return { apiVersion, kind: 'CredentialList' as const, name, namespace, items };
}

/** Secrets in the order in which they are shown. */
export function sortedByKey(secrets: Readonly<Record<string, string>>): readonly [string, string][] {
  return Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1));
}
