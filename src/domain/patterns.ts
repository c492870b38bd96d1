/** Ranges of a text, in order, not touching one another. */
export type PatternFinder = (text: string) => { readonly start: number; readonly end: number }[];

const blockLength = 3;
const tableSize = 1 << 16;

/**
 * Finds every occurrence of many patterns at once, overlapping ones joined to one range (Wu and Manber, "A fast algorithm for
 * multi-pattern searching", 1994: a table says how far the window may jump, so most characters are never looked at).
 * Patterns must have at least `blockLength` characters; shorter ones are left out.
 */
export function createPatternFinder(patterns: Iterable<string>): PatternFinder {
  const usable = [...new Set(patterns)].filter((pattern) => pattern.length >= blockLength);
  if (usable.length === 0) return () => [];
  const window = Math.min(...usable.map((pattern) => pattern.length));
  const { shifts, buckets } = tablesFor(usable, window);
  return (text) => {
    const found: { start: number; end: number }[] = [];
    let position = window - blockLength;
    while (position + blockLength <= text.length) {
      const hash = hashAt(text, position);
      const shift = shifts[hash] ?? 1;
      if (shift === 0) addMatch(found, text, position + blockLength - window, buckets.get(hash) ?? []);
      position += Math.max(1, shift);
    }
    return found;
  };
}

function tablesFor(patterns: readonly string[], window: number) {
  const farthest = window - blockLength + 1;
  const shifts = new Uint16Array(tableSize).fill(Math.min(farthest, 0xffff));
  const buckets = new Map<number, string[]>();
  for (const pattern of patterns) {
    for (let index = 0; index + blockLength <= window; index++) {
      const hash = hashAt(pattern, index);
      const shift = window - blockLength - index;
      shifts[hash] = Math.min(shifts[hash] ?? shift, shift);
      if (shift === 0) buckets.set(hash, [...(buckets.get(hash) ?? []), pattern]);
    }
  }
  return { shifts, buckets };
}

function hashAt(text: string, index: number): number {
  const mixed = (text.charCodeAt(index) * 31 + text.charCodeAt(index + 1)) * 31 + text.charCodeAt(index + 2);
  return mixed & (tableSize - 1);
}

function addMatch(
  found: { start: number; end: number }[],
  text: string,
  start: number,
  candidates: readonly string[],
): void {
  let longest = 0;
  for (const candidate of candidates) {
    if (candidate.length > longest && text.startsWith(candidate, start)) longest = candidate.length;
  }
  if (longest === 0) return;
  const last = found.at(-1);
  if (last !== undefined && start <= last.end) last.end = Math.max(last.end, start + longest);
  else found.push({ start, end: start + longest });
}
