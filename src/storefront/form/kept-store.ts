import { isObject, type JsonObject } from '../../domain/json.ts';

/** Answers that were not sent, as they are kept in this tab until they are, or until it is closed. */
export interface Kept {
  readonly answers: JsonObject;
  /** There were passwords among them, which are kept nowhere. */
  readonly secrets: boolean;
  /** What is asked beside the settings: a name, a version. */
  readonly more: Readonly<Record<string, string>>;
}

const prefix = 'appstore.answers ';

/** Whoever signs out leaves nothing behind. */
export function forgetAnswers(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // Nothing may be kept here, so nothing was.
  }
}

/** What was kept of a form; undefined where there is nothing, or nothing that can be read. */
export function readKept(key: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(`${prefix}${key}`) ?? 'null');
    if (!isObject(kept) || !isObject(kept.answers) || !isObject(kept.more)) return undefined;
    const texts = Object.entries(kept.more).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return { answers: kept.answers, secrets: kept.secrets === true, more: Object.fromEntries(texts) };
  } catch {
    return undefined;
  }
}

/** Keeps it in the place of what was kept before. */
export function writeKept(key: string, kept: Kept | undefined): void {
  try {
    if (kept === undefined) sessionStorage.removeItem(`${prefix}${key}`);
    else sessionStorage.setItem(`${prefix}${key}`, JSON.stringify(kept));
  } catch {
    // Nothing may be kept here: what was answered ends with the page.
  }
}
