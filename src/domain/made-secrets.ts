import { isObject, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { secretData } from './opens-volumes.ts';
import { shortestSecret } from './secret-forms.ts';
import { namesSecret } from './secret-values.ts';

/** Where the content of a Secret may come from, besides from the user. */
export interface SecretSources {
  /** What functions that go by chance answered. */
  readonly made: readonly string[];
  /** Secrets of the cluster that the templates looked up. */
  readonly found: readonly JsonObject[];
}

/** What is not known to be made by chance is taken for a secret from this length on. */
const shortestNamed = 8;

/** Keys of a Secret, without what stands between their words, that name one: `postgres-password`, `SECRET_KEY`, `token`. */
const secretKey = /(pass|passwd|secret|credentials?|privatekey|signingkey|encryptionkey|hmackey)$/i;

/**
 * What a package itself put into the Secrets that it renders to and that has to be masked wherever else it turns up: what was made
 * by chance, what was looked up in a Secret and taken over, private keys, and what a key names a secret. Names and words
 * (`admin`, `postgres`, `changeme`), ports and addresses are not among them: masking them everywhere would hide image names and hosts, and a
 * word that everybody can read in the chart is no secret.
 */
export function madeSecrets(objects: readonly KubeObject[], { made, found }: SecretSources): string[] {
  const contents = objects.filter(isSecret).flatMap((object) => contentsOf(object));
  if (contents.length === 0) return [];
  const all = contents.map(({ text }) => text).join('\0');
  const byChance = made.filter((text) => text.length >= shortestSecret && all.includes(text));
  const known = new Set(found.flatMap((object) => contentsOf(object)).map(({ text }) => text));
  const told = contents
    .filter(({ key, text }) => isPrivateKey(text) || ((known.has(text) || namesIt(key)) && isTelling(text)))
    .map(({ text }) => text);
  return [...new Set([...byChance, ...told])];
}

function isSecret({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

interface Content {
  readonly key: string;
  readonly text: string;
}

/** The texts in the data of a Secret; of a list of them where it is one. */
function contentsOf(object: Readonly<Record<string, unknown>>): readonly Content[] {
  if (Array.isArray(object.items)) return object.items.filter(isObject).flatMap(contentsOf);
  return [...secretData(object)].map(([key, text]) => ({ key, text }));
}

function namesIt(key: string): boolean {
  const name = key.replace(/[-_.]/g, '');
  return namesSecret(name) || secretKey.test(name);
}

function isPrivateKey(text: string): boolean {
  return text.includes('PRIVATE KEY-----');
}

/** Words, with what joins them to names of things and hosts. */
const words = /^(?:[A-Z]?[a-z]+|[A-Z]+)(?:[-_./: ](?:[A-Z]?[a-z]+|[A-Z]+))*$/;

/** Numbers with what joins them to addresses, ports, versions and times. */
const numbers = /^\d+(?:[.:/-]\d+)+$/;

/** Long enough, on one line, and neither words nor an address. */
function isTelling(text: string): boolean {
  return text.length >= shortestNamed && !/\s/.test(text) && !words.test(text) && !numbers.test(text);
}
