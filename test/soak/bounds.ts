/** How much of the soak is run (`npm run soak -- --seeds 50 --minutes 20`). */
export const seeds = Number(process.env.APPSTORE_SOAK_SEEDS ?? 20);
const minutes = Number(process.env.APPSTORE_SOAK_MINUTES ?? 20);

/** Starts the minutes of a part. Answers what says whether they are over: then what is under way is finished, nothing more begun. */
export function forMinutes(): () => boolean {
  const began = performance.now();
  return () => performance.now() - began > minutes * 60_000;
}

/** A day: each part ends by its minutes. */
export const aDay = 24 * 3_600_000;

/** A line of figures, as docs/reliability.md has them. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
