import { expect } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { mutate } from './mutate.ts';
import { seeded } from './random.ts';

/** Runs a parser on mutated texts: it answers, or refuses with one of these codes, and does nothing else. */
export function fuzz(
  { runs, seed, samples, codes }: { runs: number; seed: number; samples: readonly string[]; codes: RegExp },
  parse: (text: string) => unknown,
): { readonly read: number } {
  const next = seeded(seed);
  let read = 0;
  for (let run = 0; run < runs; run += 1) {
    const text = mutate(samples[run % samples.length] ?? '', next);
    try {
      parse(text);
      read += 1;
    } catch (error) {
      if (error instanceof AppstoreError && codes.test(error.code)) continue;
      throw new Error(`run ${run}: ${String(error)}\n${JSON.stringify(text)}`, { cause: error });
    }
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(read, 'otherwise the mutations test the first check alone').toBeGreaterThan(runs / 100);
  return { read };
}
