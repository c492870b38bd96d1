/**
 * How many typing mistakes lie between two words: letters left out, added, changed, or two neighbours swapped (optimal string
 * alignment). Compares as given: lower-case first where case does not count.
 */
export function distance(a: string, b: string): number {
  const width = b.length + 1;
  let before: number[] = [];
  let previous = Array.from({ length: width }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column < width; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = previous;
    previous = current;
  }
  return at(previous, width - 1);
}

/**
 * The candidates that a mistyped word may have meant, best first: at most a third of its letters wrong (one at least), or
 * one the beginning of the other.
 */
export function nearest(word: string, candidates: readonly string[], limit = 3): readonly string[] {
  const wanted = word.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate) => ({ candidate, mistakes: mistakes(wanted, candidate.toLowerCase()) }))
    .filter((entry) => entry.mistakes <= allowed)
    .sort((a, b) => a.mistakes - b.mistakes || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map((entry) => entry.candidate);
}

/** Words shorter than this begin too much to be a hint. */
const SHORTEST_BEGINNING = 3;

function mistakes(wanted: string, candidate: string): number {
  const shorter = Math.min(wanted.length, candidate.length);
  const begins = candidate.startsWith(wanted) || wanted.startsWith(candidate);
  return begins && shorter >= SHORTEST_BEGINNING ? 1 : distance(wanted, candidate);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
