/** The number that a flag of a benchmark gives, from `least` to `most`. Throws Error saying what it takes. */
export function wholeNumber(flag: string, text: string, most: number, least = 1): number {
  const number = /^\d+$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new Error(`${flag} ${text}: it takes a whole number from ${least} to ${most}`);
}
