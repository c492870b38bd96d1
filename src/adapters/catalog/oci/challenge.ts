/** What a registry wants, from its WWW-Authenticate header (RFC 9110, distribution spec "token"). */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly realm: string;
  readonly service: string;
  readonly scope: string;
}

/** Reads the first challenge of a kind that is known; undefined where there is none. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const text = (header ?? '').slice(0, 4_096);
  const [, scheme = '', rest = ''] = /(?:^|,\s*)(Bearer|Basic)\s+(.*)$/is.exec(text) ?? [];
  if (scheme === '')
    return /(?:^|,\s*)Basic\s*$/i.test(text)
      ? { scheme: 'basic', realm: '', service: '', scope: '' }
      : undefined;
  const values: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of rest.matchAll(
    /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi,
  ))
    values[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  const { realm = '', service = '', scope = '' } = values;
  return { scheme: scheme.toLowerCase() === 'bearer' ? 'bearer' : 'basic', realm, service, scope };
}

/**
 * True where a registry's credentials may be sent to the realm that it names: to itself, or to a sibling or parent of its host
 * (`registry.gitlab.com` to `gitlab.com`, `registry-1.docker.io` to `auth.docker.io`), and never from https to plain http.
 */
export function mayAskRealm(registry: URL, realm: URL): boolean {
  if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && registry.protocol === 'http:'))
    return false;
  if (realm.hostname === registry.hostname) return true;
  const parent = registry.hostname.split('.').slice(1).join('.');
  if (!parent.includes('.') || /^[\d.]+$/.test(registry.hostname)) return false;
  return realm.hostname === parent || realm.hostname.endsWith(`.${parent}`);
}
