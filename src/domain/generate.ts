import type { GenerateRule } from './app.ts';
import { AppstoreError } from './errors.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

/** Alphabets that have a name; anything else is taken for a set of characters. */
const alphabets: Readonly<Record<string, string>> = {
  alphanumeric: letters + digits,
  hex: `${digits}abcdef`,
  base64url: `${letters}${digits}-_`,
  numeric: digits,
};

export const generateLimits = { shortest: 8, longest: 1024, usual: 32 } as const;

/**
 * Makes a secret: each character is equally likely. Bytes that would favour the first characters of an alphabet whose size does
 * not divide 256 are thrown away (rejection sampling).
 *
 * @throws AppstoreError PACKAGE_INVALID where the rule is none (`checkGenerateRule` says why).
 */
export function generateSecret(rule: GenerateRule, bytes: (count: number) => Uint8Array): string {
  const problem = checkGenerateRule(rule);
  if (problem !== undefined) throw new AppstoreError('PACKAGE_INVALID', `x-generate: ${problem}`);
  const characters = charactersOf(rule);
  const length = rule.length ?? generateLimits.usual;
  const fair = 256 - (256 % characters.length);
  let secret = '';
  while (secret.length < length) {
    for (const byte of bytes(length)) {
      if (byte < fair && secret.length < length) secret += characters.charAt(byte % characters.length);
    }
  }
  return secret;
}

/** What is wrong with a rule; undefined where it is good. */
export function checkGenerateRule(rule: GenerateRule): string | undefined {
  const length = rule.length ?? generateLimits.usual;
  if (!Number.isInteger(length) || length < generateLimits.shortest || length > generateLimits.longest)
    return `length must be from ${generateLimits.shortest} to ${generateLimits.longest}`;
  const characters = charactersOf(rule);
  if (characters.length < 2 || characters.length > 256 || new Set(characters).size !== characters.length)
    return 'alphabet must be one of alphanumeric, hex, base64url, numeric, or at least two different characters';
  return /^[\x20-\x7e]*$/.test(characters) ? undefined : 'alphabet must hold printable ASCII characters only';
}

function charactersOf(rule: GenerateRule): string {
  const name = rule.alphabet ?? 'alphanumeric';
  return Object.hasOwn(alphabets, name) ? (alphabets[name] ?? '') : name;
}
