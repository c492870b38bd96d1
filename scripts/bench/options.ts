import { parseArgs } from 'node:util';
import { wholeNumber } from './whole-number.ts';
import { type WorkKey, works } from './work.ts';

export interface BenchOptions {
  readonly only: ReadonlySet<WorkKey>;
  readonly runs: number;
  readonly installations: number;
  /** kB of a file that the packages carry beside their manifests, as dashboards are; none where 0. */
  readonly payload: number;
  /** Milliseconds to the server and back, as over a network; none where 0. */
  readonly roundTrip: number;
  readonly helm: boolean;
  /** Where the figures go as JSON, besides the table. */
  readonly json?: string;
}

/** Reads the command line. Throws Error saying what is wrong and what there is. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      installations: { type: 'string', default: '1000' },
      payload: { type: 'string', default: '0' },
      'round-trip': { type: 'string', default: '0' },
      json: { type: 'string' },
      'without-helm': { type: 'boolean', default: false },
    },
  });
  return {
    only: workKeys(values.only),
    runs: wholeNumber('--runs', values.runs, 50),
    installations: wholeNumber('--installations', values.installations, 5000),
    payload: wholeNumber('--payload', values.payload, 500, 0),
    roundTrip: wholeNumber('--round-trip', values['round-trip'], 1000, 0),
    helm: !values['without-helm'],
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}

function workKeys(text: string | undefined): ReadonlySet<WorkKey> {
  const all = works.map(({ key }) => key);
  if (text === undefined) return new Set(all);
  return new Set(
    text.split(',').map((word) => {
      const key = all.find((one) => one === word.trim());
      if (key === undefined) throw new Error(`--only ${word.trim()}: there is ${all.join(', ')}`);
      return key;
    }),
  );
}
