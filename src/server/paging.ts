import { AppstoreError } from '../domain/errors.ts';

/** Rows of a page unless told. */
const usualPage = 100;

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Rows of the whole list now. */
  readonly total: number;
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/**
 * The page of a list that begins behind what a cursor names. The cursor says the last row by its key, so that rows that come or go
 * meanwhile move no page; where that row is gone, its place is counted.
 */
export function pageOf<T>(
  all: readonly T[],
  asked: { readonly limit?: number; readonly cursor?: string },
  keyOf: (item: T) => string,
): Page<T> {
  const start = asked.cursor === undefined ? 0 : startOf(all, readCursor(asked.cursor), keyOf);
  const end = start + (asked.limit ?? usualPage);
  const items = all.slice(start, end);
  const last = items.at(-1);
  return {
    items,
    total: all.length,
    ...(last === undefined || end >= all.length ? {} : { next: writeCursor(end, keyOf(last)) }),
  };
}

function startOf<T>(all: readonly T[], { at, key }: Cursor, keyOf: (item: T) => string): number {
  const found = all.findIndex((item) => keyOf(item) === key);
  return found < 0 ? Math.min(at, all.length) : found + 1;
}

interface Cursor {
  readonly at: number;
  readonly key: string;
}

function writeCursor(at: number, key: string): string {
  return Buffer.from(JSON.stringify([at, key])).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && Number.isInteger(parts[0]) && parts[0] >= 0 && typeof parts[1] === 'string')
      return { at: parts[0], key: parts[1] };
  } catch {
    // It is none, whatever it is.
  }
  throw new AppstoreError('REQUEST_INVALID', '`cursor` is not one that this server gave', {
    hint: 'Leave it out for the first page, then take `next` of each answer.',
  });
}
