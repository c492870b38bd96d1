/** Numbers, times and lists as a language writes them. */
export function formats(language: string) {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const whole = new Intl.NumberFormat(language);
  const either = new Intl.ListFormat(language, { type: 'disjunction' });
  const listed = new Intl.ListFormat(language, { type: 'conjunction' });
  return {
    list: (items: readonly string[]): string => listed.format(items),
    either: (items: readonly string[]): string => either.format(items),
    number: (value: number): string => whole.format(value),
    /** RFC 3339; what is no time stays as it is. */
    time: (text: string): string => {
      const at = Date.parse(text);
      return Number.isNaN(at) ? text : time.format(at);
    },
    /** How long ago it was: `3 minutes ago`. */
    ago: (text: string, now: number): string => {
      const at = Date.parse(text);
      if (Number.isNaN(at)) return text;
      const seconds = Math.round((at - now) / 1000);
      const [unit, size] = units.find(([, least]) => Math.abs(seconds) >= least) ?? ['second', 1];
      return relative.format(Math.round(seconds / size), unit);
    },
  };
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
