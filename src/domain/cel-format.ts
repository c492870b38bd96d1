import { celText } from './cel-values.ts';
import type { RenderBudget } from './render-budget.ts';

const verb = /%(?:\.(\d{1,2}))?([%a-zA-Z])/g;

/**
 * CEL's `format` (cel-go, strings extension): `%s` any value, `%d` int, `%f` and `%e` with precision, `%x %X %o %b` bases, `%%`.
 *
 * @throws Error where a verb is unknown or its argument missing or of another type.
 */
export function formatText(budget: RenderBudget, text: string, args: readonly unknown[]): string {
  let next = 0;
  const written = text.replace(verb, (_, precision: string | undefined, letter: string) => {
    if (letter === '%') return '%';
    if (next >= args.length) throw new Error(`format: %${letter} has no argument`);
    const piece = formatOne({
      budget,
      letter,
      value: args[next++],
      precision: precision === undefined ? 6 : Number(precision),
    });
    budget.text(piece.length);
    return piece;
  });
  if (next < args.length) throw new Error(`format: ${args.length} arguments for ${next} places`);
  budget.text(written.length);
  return written;
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

interface Piece {
  readonly budget: RenderBudget;
  readonly letter: string;
  readonly value: unknown;
  readonly precision: number;
}

function formatOne({ budget, letter, value, precision }: Piece): string {
  if (letter === 's') return value === null ? 'null' : celText(value, budget);
  if (letter === 'd' || letter in bases) return formatInteger(letter, value);
  if (letter !== 'f' && letter !== 'e') throw new Error(`format: %${letter} is not known`);
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new Error(`format: %${letter} needs a number`);
  if (letter === 'f') return Number(value).toFixed(precision);
  return Number(value)
    .toExponential(precision)
    .replace(/([+-])(\d)$/, '$10$2');
}

function formatInteger(letter: string, value: unknown): string {
  if (typeof value === 'string' && (letter === 'x' || letter === 'X')) {
    const hex = Buffer.from(value).toString('hex');
    return letter === 'X' ? hex.toUpperCase() : hex;
  }
  if (typeof value !== 'bigint') throw new Error(`format: %${letter} needs an int`);
  const digits = value.toString(bases[letter] ?? 10);
  return letter === 'X' ? digits.toUpperCase() : digits;
}
