/** One step of a pattern. */
type Step =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** A pattern that was read. */
export interface GoPattern {
  readonly steps: readonly Step[];
  /** The one name that fits, where that is all that the pattern says. */
  readonly name?: string;
}

/**
 * Reads a pattern of Go's `path/filepath.Match`, which Helm uses for `.helmignore`: `*` and `?` stop at a `/`, a class is
 * negated by `^` alone, `\` takes the next character as it is, and there is no `**`.
 *
 * @returns undefined for a pattern that Go refuses (ErrBadPattern)
 */
export function parseGoPattern(text: string): GoPattern | undefined {
  const characters = Array.from(text);
  const steps: Step[] = [];
  for (let at = 0; at < characters.length; ) {
    const read = readStep(characters, at);
    if (read === undefined) return undefined;
    steps.push(read.step);
    at = read.next;
  }
  const literals = steps.flatMap((step) => (step.kind === 'literal' ? [step.text] : []));
  return { steps, ...(literals.length === steps.length ? { name: literals.join('') } : {}) };
}

/** A text without surrogates has its characters at its own indices. */
const hasPairs = /[\ud800-\udfff]/;

/** True where the whole of a name fits. Takes time in proportion to the name's length times the pattern's. */
export function matchesGoPattern({ steps, name: only }: GoPattern, name: string): boolean {
  if (only !== undefined) return only === name;
  const characters = hasPairs.test(name) ? Array.from(name) : name;
  let [step, at] = [0, 0];
  // Where the last `*` stands and how far it reaches: trying an earlier one again could find nothing new.
  let [star, reach] = [-1, -1];
  while (step < steps.length || at < characters.length) {
    const here = steps[step];
    const character = characters[at];
    if (here?.kind === 'star') {
      [star, reach] = [step, at];
      step += 1;
    } else if (here !== undefined && character !== undefined && fits(here, character)) {
      step += 1;
      at += 1;
    } else {
      const over = characters[reach];
      if (star < 0 || over === undefined || over === '/') return false;
      reach += 1;
      [step, at] = [star + 1, reach];
    }
  }
  return true;
}

function fits(step: Step, character: string): boolean {
  if (step.kind === 'any') return character !== '/';
  if (step.kind === 'literal') return step.text === character;
  if (step.kind === 'star') return false;
  const code = codeOf(character);
  return step.ranges.some(([low, high]) => codeOf(low) <= code && code <= codeOf(high)) !== step.negated;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

interface Read<T> {
  readonly step: T;
  readonly next: number;
}

function readStep(characters: readonly string[], at: number): Read<Step> | undefined {
  const character = characters[at] ?? '';
  if (character === '*') return { step: { kind: 'star' }, next: at + 1 };
  if (character === '?') return { step: { kind: 'any' }, next: at + 1 };
  if (character === '[') return readClass(characters, at + 1);
  const escaped = character === '\\' ? characters[at + 1] : character;
  if (escaped === undefined) return undefined;
  return { step: { kind: 'literal', text: escaped }, next: at + (character === '\\' ? 2 : 1) };
}

function readClass(characters: readonly string[], start: number): Read<Step> | undefined {
  const negated = characters[start] === '^';
  const ranges: [string, string][] = [];
  let at = negated ? start + 1 : start;
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = readMember(characters, at);
    if (low === undefined) return undefined;
    const high = characters[low.next] === '-' ? readMember(characters, low.next + 1) : low;
    if (high === undefined) return undefined;
    ranges.push([low.step, high.step]);
    at = high.next;
  }
  return { step: { kind: 'class', negated, ranges }, next: at + 1 };
}

/** One end of a range. Go refuses a bare `-` or `]` here. */
function readMember(characters: readonly string[], at: number): Read<string> | undefined {
  const character = characters[at];
  if (character === undefined || character === '-' || character === ']') return undefined;
  if (character !== '\\') return { step: character, next: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { step: escaped, next: at + 2 };
}
