import type { Cluster } from '../../src/services/ports.ts';
import type { BarePrograms } from './bare-programs.ts';
import type { Surroundings } from './measure.ts';
import type { BenchOptions } from './options.ts';
import type { Workshop } from './tools.ts';

/** What a benchmark runs with. */
export interface Bench {
  readonly options: BenchOptions;
  readonly shop: Workshop;
  readonly programs: BarePrograms;
  readonly cluster: Cluster;
  readonly surroundings: Surroundings;
  tell(line: string): void;
}
