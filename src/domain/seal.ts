import { AppstoreError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { maskedText } from './masking.ts';
import { createPatternFinder, type PatternFinder } from './patterns.ts';
import { numberedForms, shortestSecret } from './secret-forms.ts';

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
  /** The mark of the form from a character on. */
  mark(from: number): string;
}

/** How deep base64 in base64 is looked into. */
const deepest = 4;

/** Every form of every secret that is long enough to be looked for. */
function formsOf({ nonce, secrets }: Seal): Form[] {
  return secrets.flatMap((secret, number) =>
    numberedForms(secret)
      .map((text, form) => ({
        text,
        mark: (from: number) => `<seal:${nonce}:${number}:${form}${from === 0 ? '' : `:${from}`}>`,
      }))
      .filter(({ text }) => text.length >= shortestSecret),
  );
}

/** A copy of the data without its secrets. */
export function sealJson(seal: Seal, data: Json): Json {
  const forms = formsOf(seal);
  const find = createPatternFinder(forms.map(({ text }) => text));
  const wholes = new Map(
    seal.secrets.map((secret, number) => [secret, `<seal:${seal.nonce}:${number}:${whole}>`]),
  );
  const marks = new RegExp(`(<seal:${seal.nonce}:[^>]*>)`);
  const text = (value: string, depth = 0): string => {
    const exact = wholes.get(value);
    if (exact !== undefined) return exact;
    const runs = (run: string) => sealedBase64(seal, (inner) => text(inner, depth + 1), run);
    const alone = /^[A-Za-z0-9+/]{2,}={0,2}$/.test(value);
    // Base64 in base64 hides what it holds from every search: it is always looked into.
    const opened =
      depth >= deepest ? value : alone ? runs(value) : value.replace(/[A-Za-z0-9+/]{8,}={0,2}/g, runs);
    return opened
      .split(marks)
      .map((part, index) => (index % 2 === 1 ? part : sealText(forms, find, part)))
      .join('');
  };
  return walk(data, {
    text,
    number: (value) => {
      const sealed = text(String(value));
      return sealed === String(value) ? value : wrapped(seal, sealed);
    },
  });
}

function sealText(forms: readonly Form[], find: PatternFinder, text: string): string {
  let result = '';
  let end = 0;
  for (const range of find(text)) {
    result += text.slice(end, range.start);
    end = range.start;
    while (end < range.end) {
      const { form, start } = covering(forms, text, range.start, end);
      result += form.mark(end - start);
      end = start + form.text.length;
    }
  }
  return result + text.slice(end);
}

/** The form that covers a character: the longest that begins there, else one that began before and overlaps another. */
function covering(
  forms: readonly Form[],
  text: string,
  first: number,
  at: number,
): { readonly form: Form; readonly start: number } {
  for (let start = at; start >= first; start--) {
    const fit = forms.filter((form) => start + form.text.length > at && text.startsWith(form.text, start));
    const [longest] = fit.sort((a, b) => b.text.length - a.text.length);
    if (longest !== undefined) return { form: longest, start };
  }
  throw new AppstoreError('INTERNAL', 'a secret was found and is not there');
}

/**
 * What is inside of base64 is sealed there, so that nothing of it stays at its edges, and another secret fits as well. The mark
 * holds the sealed text, as base64url.
 */
function sealedBase64({ nonce }: Seal, text: (value: string) => string, value: string): string {
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  if (Buffer.from(decoded, 'utf8').toString('base64') !== value) return value;
  const sealed = text(decoded);
  if (sealed === decoded) return value;
  return `<seal:${nonce}:b:${Buffer.from(sealed, 'utf8').toString('base64url')}>`;
}

function wrapped({ nonce }: Seal, value: string): JsonObject {
  return { [`<seal:${nonce}>`]: 'number', value };
}

/** Puts the secrets back. Throws PLAN_INVALID for a mark that names no secret. */
export function unsealJson(seal: Seal, data: Json): Json {
  const marks = new RegExp(`<seal:${seal.nonce}:(\\d+|b):([\\w-]+)(?::(\\d+))?>`, 'g');
  const forms = seal.secrets.map((secret) => numberedForms(secret));
  // What a mark holds is shorter than the mark: this ends, and what comes of it is bounded by the file.
  const text = (value: string): string =>
    value.replace(marks, (mark, number: string, form: string, from: string | undefined) => {
      if (number === 'b')
        return Buffer.from(text(Buffer.from(form, 'base64url').toString('utf8')), 'utf8').toString('base64');
      const found = form === whole ? seal.secrets[Number(number)] : forms[Number(number)]?.[Number(form)];
      if (found === undefined) throw new AppstoreError('PLAN_INVALID', `${mark} names no secret of the plan`);
      return found.slice(Number(from ?? 0));
    });
  return walk(data, {
    text,
    number: (value) => value,
    object: (value) =>
      value[`<seal:${seal.nonce}>`] === 'number' && typeof value.value === 'string'
        ? Number(text(value.value))
        : undefined,
  });
}

/** A copy in which each secret that was taken out is masked: to be shown. */
export function maskSealed(nonce: string, data: Json): Json {
  const marks = new RegExp(`<seal:${nonce}:[^>]*>`, 'g');
  return walk(data, {
    text: (value) => value.replace(marks, maskedText),
    number: (value) => value,
    object: (value) => (value[`<seal:${nonce}>`] === 'number' ? maskedText : undefined),
  });
}

interface Visitor {
  text(value: string): string;
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
    return [[visit.text(key), walk(value, visit)] as const];
  });
  return Object.fromEntries(entries);
}
