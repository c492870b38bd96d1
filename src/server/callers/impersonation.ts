import { AppstoreError } from '../../domain/errors.ts';
import { isObject, type Json } from '../../domain/json.ts';
import { claimsOf } from './id-token.ts';
import type { Identify } from './oidc.ts';

/** Users and groups in whose name the server's own account may ask, by their whole names. */
export interface AllowList {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** How somebody who logged in is called in clusters (the same words as flags of kube-apiserver have for it). */
export interface ClaimNames {
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
}

/** What belongs to the cluster itself: `system:masters` may do everything, `system:serviceaccount:…` are programs. */
const reserved = /^system:/i;

/**
 * Reads the list.
 * @param value `{users: [...], groups: [...]}`
 * @throws AppstoreError USAGE where it is another thing, is empty, or names what belongs to the cluster
 */
export function readAllowList(file: string, value: Json | undefined): AllowList {
  const { users, groups, ...other } = isObject(value) ? value : { '': null };
  const [stranger] = Object.keys(other);
  if (stranger !== undefined)
    throw refused(file, 'it holds `users` and `groups`, each a list of names, and nothing else');
  const list = { users: names(file, 'users', users), groups: names(file, 'groups', groups) };
  if (list.users.size === 0)
    throw refused(file, 'it names no user: nobody could do anything. Groups alone make nobody known');
  return list;
}

function names(file: string, field: string, value: Json | undefined): ReadonlySet<string> {
  const list = value ?? [];
  if (!Array.isArray(list)) throw refused(file, `\`${field}\` has to be a list`);
  for (const name of list) {
    if (typeof name !== 'string' || name === '' || name.includes('*'))
      throw refused(file, `\`${field}\` has to hold whole names`);
    if (reserved.test(name))
      throw refused(file, `\`${name}\` belongs to the cluster and may never be impersonated`);
  }
  return new Set(list as string[]);
}

function refused(file: string, what: string): AppstoreError {
  return new AppstoreError('USAGE', `${file}: ${what}`, {
    place: { file },
    hint: 'Name each user and group that may use the server: `users: [anna@example.org]`, `groups: [shop]`.',
  });
}

/**
 * Who logged in, as the list lets the server speak for them: the user has to stand there, and of the groups those count that do.
 * @throws AppstoreError FORBIDDEN, UNAUTHENTICATED
 */
export function impersonated(allowed: AllowList, claims: ClaimNames): Identify {
  return async (idToken) => {
    const { user, groups } = subjectOf(idToken, claims);
    if (reserved.test(user) || !allowed.users.has(user))
      throw new AppstoreError('FORBIDDEN', `${user} is not among the users that this server speaks for`, {
        hint: 'Ask whoever runs the server to add the name to its list.',
      });
    const listed = groups.filter((group) => allowed.groups.has(group) && !reserved.test(group));
    return { name: user, groups: listed, credential: { kind: 'impersonate', user, groups: listed } };
  };
}

function subjectOf(
  idToken: string,
  names: ClaimNames,
): { readonly user: string; readonly groups: readonly string[] } {
  const claims = claimsOf(idToken);
  const name = claims[names.usernameClaim];
  if (typeof name !== 'string' || name === '') throw unnamed(`has no claim \`${names.usernameClaim}\``);
  // An address that nobody checked may be anybody's; kube-apiserver refuses it too.
  if (names.usernameClaim === 'email' && 'email_verified' in claims && claims.email_verified !== true)
    throw unnamed('has an e-mail address that is not verified');
  const given = claims[names.groupsClaim];
  const list = typeof given === 'string' ? [given] : Array.isArray(given) ? given : [];
  const groups = list.filter((group) => typeof group === 'string' && group !== '');
  return {
    user: `${names.usernamePrefix}${name}`,
    groups: groups.map((group) => `${names.groupsPrefix}${group}`),
  };
}

function unnamed(what: string): AppstoreError {
  return new AppstoreError('UNAUTHENTICATED', `the id token ${what}`);
}
