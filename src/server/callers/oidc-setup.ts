import { readFile } from 'node:fs/promises';
import { AppstoreError } from '../../domain/errors.ts';
import { parseYamlDocument } from '../../domain/yaml-source.ts';
import type { Clock, Random } from '../../services/ports.ts';
import type { Callers } from './caller.ts';
import { impersonated, readAllowList } from './impersonation.ts';
import { callbackPath, type Identify, oidcCallers } from './oidc.ts';
import { oidcIssuer } from './oidc-issuer.ts';
import { createSealer } from './seal.ts';

/** What `appstore serve --auth oidc` was told; files by absolute paths. */
export interface OidcOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly scopes?: string;
  readonly caFile?: string;
  /** The first one seals, all of them open. */
  readonly sessionKeyFiles: readonly string[];
  /** Milliseconds after which somebody has to log in again. */
  readonly sessionTime?: number;
  readonly impersonate: boolean;
  readonly allowFile?: string;
  readonly usernameClaim?: string;
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
}

/** `offline_access` is what OpenID Connect knows for tokens that renew a login. */
const usualScopes = 'openid email groups offline_access';
const usualSessionTime = 12 * 3600_000;

export interface OidcWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly publicUrl: string | undefined;
  /** Who the cluster takes the owner of a token for. */
  readonly identify: Identify;
  readonly bearer: Callers;
}

/**
 * Login by OpenID Connect as the flags have it.
 * @throws AppstoreError USAGE where something is missing or a file cannot be read
 */
export async function oidcSetup(world: OidcWorld, options: OidcOptions): Promise<Callers> {
  const publicUrl = loginAddress(world.publicUrl);
  const settings = {
    issuer: httpsAddress(required('--oidc-issuer', options.issuer)),
    clientId: required('--oidc-client-id', options.clientId),
    scopes: scopesOf(options.scopes ?? usualScopes),
    redirectUrl: `${publicUrl}${callbackPath}`,
    ...(await optional('clientSecret', options.clientSecretFile, (text) => text.trim())),
    ...(await optional('ca', options.caFile)),
  };
  const keys = await Promise.all(options.sessionKeyFiles.map(readText));
  const { clock, random } = world;
  const longest = Math.floor((options.sessionTime ?? usualSessionTime) / 1000);
  const deps = { issuer: oidcIssuer(settings), sealer: createSealer(keys, random), clock, random };
  if (!options.impersonate)
    return oidcCallers(
      { ...deps, identify: world.identify, bearer: world.bearer },
      { mode: 'oidc', publicUrl, longest },
    );
  // A token that somebody brings is not for the server to judge here: it would be shown to no cluster.
  return oidcCallers(
    { ...deps, identify: await impersonatedBy(options) },
    { mode: 'impersonation', publicUrl, longest },
  );
}

async function impersonatedBy(options: OidcOptions): Promise<Identify> {
  const file = required('--impersonate-allow', options.allowFile);
  const list = readAllowList(file, parseYamlDocument(await readText(file), file).value);
  return impersonated(list, {
    usernameClaim: options.usernameClaim ?? 'sub',
    usernamePrefix: options.usernamePrefix ?? '',
    groupsClaim: options.groupsClaim ?? 'groups',
    groupsPrefix: options.groupsPrefix ?? '',
  });
}

function required(flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AppstoreError('USAGE', `logging in needs \`${flag}\``);
}

/** Cookies of a session are sent over TLS alone; browsers take a name of this machine for as good. */
function loginAddress(url: string | undefined): string {
  const parsed = URL.parse(required('--public-url', url));
  const local = parsed !== null && ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname);
  if (parsed !== null && (parsed.protocol === 'https:' || local)) return parsed.origin;
  throw new AppstoreError(
    'USAGE',
    `\`--public-url ${url}\`: logging in needs an address that begins with https://`,
  );
}

function httpsAddress(issuer: string): string {
  if (URL.parse(issuer)?.protocol === 'https:') return issuer;
  throw new AppstoreError('USAGE', `\`--oidc-issuer ${issuer}\` has to begin with https://`);
}

function scopesOf(text: string): readonly string[] {
  const scopes = text.split(/[\s,]+/).filter((scope) => scope !== '');
  return scopes.includes('openid') ? scopes : ['openid', ...scopes];
}

async function optional<Name extends string>(
  name: Name,
  file: string | undefined,
  change: (text: string) => string = (text) => text,
): Promise<{ readonly [name in Name]?: string }> {
  if (file === undefined) return {};
  const text = change(await readText(file));
  return (text === '' ? {} : { [name]: text }) as { readonly [name in Name]?: string };
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppstoreError('USAGE', `${file}: cannot be read`, { place: { file }, cause });
  });
}
