/**
 * Kubernetes quantities (`8Gi`, `250m`, `1e3`): exact numbers with a suffix. Grammar and canonical form are those of
 * k8s.io/apimachinery/pkg/api/resource (Quantity). Held as an integer count of nano units, the finest step there is.
 */
export interface Quantity {
  readonly nano: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

const NANO = 1_000_000_000n;

/** Suffixes with their size in nano units. */
const decimalSuffixes: ReadonlyArray<readonly [string, bigint]> = [
  ['E', 10n ** 27n],
  ['P', 10n ** 24n],
  ['T', 10n ** 21n],
  ['G', 10n ** 18n],
  ['M', 10n ** 15n],
  ['k', 10n ** 12n],
  ['', NANO],
  ['m', 1_000_000n],
  ['u', 1_000n],
  ['n', 1n],
];

const binarySuffixes: ReadonlyArray<readonly [string, bigint]> = [
  ['Ei', 2n ** 60n * NANO],
  ['Pi', 2n ** 50n * NANO],
  ['Ti', 2n ** 40n * NANO],
  ['Gi', 2n ** 30n * NANO],
  ['Mi', 2n ** 20n * NANO],
  ['Ki', 2n ** 10n * NANO],
];

/** Kubernetes stores quantities up to 2^63-1; larger ones are capped there, here they are refused. */
const largest = (2n ** 63n - 1n) * NANO;

const sizes = new Map([...decimalSuffixes, ...binarySuffixes]);

/** Reads a quantity; undefined where the text is none, or beyond what Kubernetes stores. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > 64) return undefined;
  const [, sign, digits, suffix = ''] = pattern.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  const scale = scaleOf(suffix);
  if (scale === undefined) return undefined;
  const scaled = BigInt(whole + fraction) * scale.size;
  const magnitude = ceilDivide(scaled, 10n ** BigInt(fraction.length) * scale.divisor);
  if (magnitude > largest) return undefined;
  return { nano: sign === '-' ? -magnitude : magnitude, format: formatOf(suffix) };
}

/** Writes a quantity as Kubernetes does: the largest suffix that leaves an integer. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const magnitude = nano < 0n ? -nano : nano;
  // Binary suffixes cannot say fractions and small numbers: Kubernetes falls back to decimal ones there.
  const useBinary = format === 'binary' && magnitude % NANO === 0n && magnitude >= 1024n * NANO;
  const suffixes = useBinary ? [...binarySuffixes, ['', NANO] as const] : decimalSuffixes;
  const [suffix, size] = suffixes.find(([, step]) => magnitude % step === 0n) ?? ['n', 1n];
  const written = format === 'exponent' ? exponentOf(suffix) : suffix;
  return `${sign}${magnitude / size}${written}`;
}

/** True where it is a whole number of units. */
export function isWhole(quantity: Quantity): boolean {
  return quantity.nano % NANO === 0n;
}

/** Units, rounded toward zero where not whole. */
export function units(quantity: Quantity): bigint {
  return quantity.nano / NANO;
}

/** Units as a floating-point number, near enough. */
export function approximate(quantity: Quantity): number {
  return Number(quantity.nano) / Number(NANO);
}

/** The sum, in the form of the first. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.format };
}

/** So many whole units. */
export function quantityOf(count: bigint): Quantity {
  return { nano: count * NANO, format: 'decimal' };
}

export function negate(quantity: Quantity): Quantity {
  return { nano: -quantity.nano, format: quantity.format };
}

function scaleOf(suffix: string): { size: bigint; divisor: bigint } | undefined {
  if (!/^[eE][+-]?\d/.test(suffix)) return { size: sizes.get(suffix) ?? NANO, divisor: 1n };
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > 30) return undefined;
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { size: NANO, divisor: power } : { size: NANO * power, divisor: 1n };
}

/** Kubernetes rounds what is finer than a nano unit away from zero. */
function ceilDivide(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function formatOf(suffix: string): Quantity['format'] {
  if (suffix.endsWith('i')) return 'binary';
  return /^[eE][+-]?\d/.test(suffix) ? 'exponent' : 'decimal';
}

const exponents: Readonly<Record<string, string>> = {
  E: 'e18',
  P: 'e15',
  T: 'e12',
  G: 'e9',
  M: 'e6',
  k: 'e3',
  '': '',
  m: 'e-3',
  u: 'e-6',
  n: 'e-9',
};

function exponentOf(suffix: string): string {
  return exponents[suffix] ?? suffix;
}
