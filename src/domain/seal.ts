import { AppstoreError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { secretForms } from './secret-forms.ts';

/**
 * Takes secrets out of data so that they can be put back exactly. Each place that holds one, in any form in which the masker
 * would find it, holds a mark instead: `<seal:NONCE:secret:form>`. The nonce is random, so that no text can pass for a mark.
 */
export interface Seal {
  readonly nonce: string;
  /** In the order of their numbers. */
  readonly secrets: readonly string[];
}

/** The form of a value that is the secret as a whole, for those too short to be looked for inside of other texts. */
const whole = 'w';

interface Form {
  readonly text: string;
  readonly mark: string;
}

/** Every form of every secret, the longest first, so that a secret inside of another is not cut out of it. */
function formsOf({ nonce, secrets }: Seal): Form[] {
  return secrets
    .flatMap((secret, number) =>
      secretForms([secret]).map((text, form) => ({ text, mark: `<seal:${nonce}:${number}:${form}>` })),
    )
    .sort((a, b) => b.text.length - a.text.length);
}

/** A copy of the data without its secrets. */
export function sealJson(seal: Seal, data: Json): Json {
  const forms = formsOf(seal);
  const wholes = new Map(
    seal.secrets.map((secret, number) => [secret, `<seal:${seal.nonce}:${number}:${whole}>`]),
  );
  const text = (value: string): string => wholes.get(value) ?? sealText(forms, value);
  return walk(data, {
    text: (value) => sealedBase64(seal, text, value) ?? text(value),
    number: (value) => {
      const sealed = text(String(value));
      return sealed === String(value) ? value : wrapped(seal, 'number', sealed);
    },
  });
}

function sealText(forms: readonly Form[], text: string): string {
  // Marks that were set already are no text to look in.
  let parts: readonly { readonly text: string; readonly mark: boolean }[] = [{ text, mark: false }];
  for (const form of forms) {
    if (!parts.some((part) => !part.mark && part.text.includes(form.text))) continue;
    parts = parts.flatMap((part) =>
      part.mark
        ? [part]
        : part.text.split(form.text).flatMap((piece, index) =>
            index === 0
              ? [{ text: piece, mark: false }]
              : [
                  { text: form.mark, mark: true },
                  { text: piece, mark: false },
                ],
          ),
    );
  }
  return parts.map((part) => part.text).join('');
}

/** The data of a Secret: what is inside of base64 is sealed there, so that nothing of it stays at its edges. */
function sealedBase64(seal: Seal, text: (value: string) => string, value: string): JsonObject | undefined {
  if (value.length < 2 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  if (Buffer.from(decoded, 'utf8').toString('base64') !== value) return undefined;
  const sealed = text(decoded);
  return sealed === decoded ? undefined : wrapped(seal, 'base64', sealed);
}

type Wrapping = 'base64' | 'number';

function wrapped({ nonce }: Seal, as: Wrapping, value: string): JsonObject {
  return { [`<seal:${nonce}>`]: as, value };
}

/** Puts the secrets back. Throws PLAN_INVALID for a mark that names no secret. */
export function unsealJson(seal: Seal, data: Json): Json {
  const marks = new RegExp(`<seal:${seal.nonce}:(\\d+):(\\d+|${whole})>`, 'g');
  const forms = seal.secrets.map((secret) => secretForms([secret]));
  const text = (value: string): string =>
    value.replace(marks, (mark, number: string, form: string) => {
      const found = form === whole ? seal.secrets[Number(number)] : forms[Number(number)]?.[Number(form)];
      if (found === undefined) throw new AppstoreError('PLAN_INVALID', `${mark} names no secret of the plan`);
      return found;
    });
  return walk(data, {
    text,
    number: (value) => value,
    object: (value) => {
      const as = value[`<seal:${seal.nonce}>`];
      if (as === undefined || typeof value.value !== 'string') return undefined;
      const plain = text(value.value);
      return as === 'number' ? Number(plain) : Buffer.from(plain, 'utf8').toString('base64');
    },
  });
}

interface Visitor {
  text(value: string): Json;
  number(value: number): Json;
  object?(value: JsonObject): Json | undefined;
}

function walk(data: Json, visit: Visitor): Json {
  if (typeof data === 'string') return visit.text(data);
  if (typeof data === 'number') return visit.number(data);
  if (Array.isArray(data)) return data.map((item) => walk(item, visit));
  if (!isObject(data)) return data;
  const replaced = visit.object?.(data);
  if (replaced !== undefined) return replaced;
  const entries = Object.entries(data).flatMap(([key, value]) => {
    if (value === undefined) return [];
    // A key is text: what would be wrapped as a value stands in it by its forms.
    const name = visit.text(key);
    return [[typeof name === 'string' ? name : key, walk(value, visit)] as const];
  });
  return Object.fromEntries(entries);
}
