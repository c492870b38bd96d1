import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { CatalogSurroundings } from '../surroundings.ts';

/** What a person logged in with: a password, a token that is exchanged for others, or one that is shown as it is. */
export type RegistryLogin =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'refresh'; readonly token: string }
  | { readonly kind: 'bearer'; readonly token: string };

/**
 * The login for a registry, as `docker login` and `helm registry login` keep it: the helper of that host, the store of all hosts, or
 * the file itself. Asked only when a registry wants to know who asks.
 *
 * @param host with a port where the reference names one
 */
export async function registryLogin(
  host: string,
  surroundings: Pick<CatalogSurroundings, 'environment' | 'home'>,
): Promise<RegistryLogin | undefined> {
  for (const file of configFiles(surroundings)) {
    const config = await readConfig(file);
    const login = config === undefined ? undefined : await loginIn(config, host, surroundings);
    if (login !== undefined) return login;
  }
  return undefined;
}

function configFiles({
  environment,
  home,
}: Pick<CatalogSurroundings, 'environment' | 'home'>): readonly string[] {
  const configHome = environment.XDG_CONFIG_HOME || join(home, '.config');
  return [
    join(environment.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    environment.HELM_REGISTRY_CONFIG || join(configHome, 'helm', 'registry', 'config.json'),
  ];
}

/** A file that is not there, or is damaged, holds no login: a public registry must not fail for it. */
async function readConfig(file: string): Promise<JsonObject | undefined> {
  try {
    const config: Json = JSON.parse(await readFile(file, 'utf8'));
    return isObject(config) ? config : undefined;
  } catch {
    return undefined;
  }
}

async function loginIn(
  config: JsonObject,
  host: string,
  { environment }: Pick<CatalogSurroundings, 'environment'>,
): Promise<RegistryLogin | undefined> {
  const names = namesOf(host);
  const own = isObject(config.credHelpers) ? find(config.credHelpers, names) : undefined;
  const helper = own ?? config.credsStore;
  if (typeof helper === 'string' && /^[A-Za-z0-9._-]+$/.test(helper)) {
    for (const name of names) {
      const login = await askHelper(`docker-credential-${helper}`, name, environment);
      if (login !== undefined) return login;
    }
  }
  const auth = isObject(config.auths) ? find(config.auths, names) : undefined;
  return isObject(auth) ? loginOf(auth) : undefined;
}

/** Docker writes the hub as the address of its first API, and others as host or address. */
function namesOf(host: string): readonly string[] {
  const hub = ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host);
  return [
    ...(hub ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io'] : []),
    host,
    `https://${host}`,
  ];
}

function find(map: JsonObject, names: readonly string[]): Json | undefined {
  const plain = (name: string) => name.replace(/\/(v[12]\/?)?$/, '');
  const wanted = new Set(names.flatMap((name) => [name, plain(name)]));
  const key = Object.keys(map).find((name) => wanted.has(name) || wanted.has(plain(name)));
  return key === undefined ? undefined : map[key];
}

function loginOf(auth: JsonObject): RegistryLogin | undefined {
  if (typeof auth.identitytoken === 'string' && auth.identitytoken !== '')
    return { kind: 'refresh', token: auth.identitytoken };
  if (typeof auth.registrytoken === 'string' && auth.registrytoken !== '')
    return { kind: 'bearer', token: auth.registrytoken };
  const text = typeof auth.auth === 'string' ? Buffer.from(auth.auth, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  return colon < 0
    ? undefined
    : { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A helper writes secrets to its output: nothing of it is ever shown. */
async function askHelper(
  program: string,
  host: string,
  environment: CatalogSurroundings['environment'],
): Promise<RegistryLogin | undefined> {
  const text = await new Promise<string>((done) => {
    const options = { env: { ...environment }, timeout: 30_000, maxBuffer: 1024 * 1024 };
    const child = execFile(program, ['get'], options, (error, stdout) => done(error === null ? stdout : ''));
    child.stdin?.on('error', () => {});
    child.stdin?.end(host);
  });
  const answer = parse(text);
  if (typeof answer?.Secret !== 'string' || answer.Secret === '') return undefined;
  const username = typeof answer.Username === 'string' ? answer.Username : '';
  // https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol
  if (username === '<token>') return { kind: 'refresh', token: answer.Secret };
  return { kind: 'password', username, password: answer.Secret };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
