const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Longest duration: what a timer of the runtime can hold (2^31 - 1 ms, 24.8 days). */
const longest = 2_147_483_647;

/**
 * Reads `90s`, `5m`, `1h30m`, `1.5h` or `0` as milliseconds, as Go's durations are written; undefined where it is none.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    total += Number(amount) * (units[unit ?? ''] ?? 0);
  return total > longest ? undefined : Math.round(total);
}

/** Reads `30d` or `72h` as milliseconds: times of signatures, from an hour to ten years; undefined where it is none. */
export function parseLifetime(text: string): number | undefined {
  const [, amount, unit] = /^([1-9]\d{0,4})([dh])$/.exec(text) ?? [];
  const hours = Number(amount) * (unit === 'd' ? 24 : 1);
  return amount === undefined || hours > 10 * 366 * 24 ? undefined : hours * 3_600_000;
}

/** Writes milliseconds for people: `4.2s`, `3m10s`, `2h5m`, `3d4h`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${whole % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}
