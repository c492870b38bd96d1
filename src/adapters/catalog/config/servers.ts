import type { CatalogEntry, GivenCredential } from '../../../services/catalog-store.ts';
import type { CheckoutSettings } from '../git/checkout.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import type { RegistrySettings } from '../oci/session.ts';
import type { CatalogSurroundings } from '../surroundings.ts';
import type { CatalogConfig } from './config.ts';

/** How a server is asked, by its address. */
export interface Servers {
  http(address: string): Promise<HttpSettings>;
  registry(address: string, from?: Reach): Promise<RegistrySettings>;
  git(address: string, cache: string): Promise<CheckoutSettings>;
}

/** A catalog at the same host says how; else nothing is known of the server. */
export function serversOf(config: CatalogConfig, surroundings: CatalogSurroundings): Servers {
  const entryAt = (address: string): CatalogEntry =>
    config.catalogs.find((entry) => hostOf(entry.location) === hostOf(address)) ?? {
      name: '',
      kind: 'helm',
      location: address,
    };
  const credentialOf = (entry: CatalogEntry): GivenCredential | undefined =>
    Object.hasOwn(config.credentials, entry.name) ? config.credentials[entry.name] : undefined;
  const http = async (entry: CatalogEntry): Promise<HttpSettings> => {
    const { httpSettingsFor } = await import('../http/settings-for.ts');
    return httpSettingsFor(entry, credentialOf(entry), surroundings);
  };
  return {
    async git(url, cache) {
      const entry = entryAt(url);
      const { gitAccess } = await import('../git/access.ts');
      const settings = await http(entry);
      return { cache, access: await gitAccess(entry, url, settings), surroundings, http: settings };
    },
    http: (address) => http(entryAt(address)),
    async registry(address, from) {
      const entry = entryAt(address);
      const { registryLogin } = await import('../oci/docker-config.ts');
      const own = credentialOf(entry);
      return {
        http: await http(entry),
        login: async (host) => {
          if (own?.kind === 'basic') return { ...own, kind: 'password' };
          return own ?? registryLogin(host, surroundings);
        },
        ...(entry.plainHttp === true ? { plainHttp: true } : {}),
        ...(from === undefined ? {} : { from }),
      };
    },
  };
}

/** `oci://host:5000/x` and `https://host:5000/y` are one server. */
function hostOf(address: string): string | undefined {
  return /^(?:oci|(?:git\+)?https?):\/\/([^/?#]*)/i.exec(address)?.[1]?.toLowerCase();
}
