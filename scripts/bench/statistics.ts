/** One run of one command. */
export interface Sample {
  readonly milliseconds: number;
  /** Absent where the system does not tell it. */
  readonly peakBytes?: number;
}

/** What the runs of one tool at one piece of work come to. */
export interface Figures {
  readonly runs: number;
  readonly milliseconds: number;
  readonly fastest: number;
  readonly slowest: number;
  readonly peakBytes?: number;
}

/** The middle value; the mean of the two middle ones of an even number. Throws RangeError for none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no median of nothing');
  return (lower + upper) / 2;
}

/** Medians of the runs. Throws RangeError where there are none. */
export function figuresOf(samples: readonly Sample[]): Figures {
  const times = samples.map((sample) => sample.milliseconds);
  const peaks = samples.map((sample) => sample.peakBytes).filter((peak) => peak !== undefined);
  return {
    runs: samples.length,
    milliseconds: median(times),
    fastest: Math.min(...times),
    slowest: Math.max(...times),
    ...(peaks.length === 0 ? {} : { peakBytes: median(peaks) }),
  };
}

/** A ratio to three digits at most, as it is read: `0.47`, `1.2`, `0.0081`. */
export function ratioText(ours: number, theirs: number): string {
  if (theirs === 0) return '-';
  const ratio = ours / theirs;
  if (ratio >= 10) return String(Math.round(ratio));
  return ratio >= 1 ? ratio.toFixed(1) : String(Number(ratio.toPrecision(2)));
}
