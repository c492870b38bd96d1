import { setTimeout as sleep } from 'node:timers/promises';
import { bareRequests } from './bare.ts';
import { measure } from './measure.ts';
import { seedLists } from './seed.ts';
import type { Bench } from './setting.ts';
import { settle } from './settle.ts';
import type { Sample } from './statistics.ts';
import { commandOf, namespaceOf } from './tools.ts';
import { type Timed, type Tool, type WorkKey, works } from './work.ts';

/** Samples by work and by what was timed, in the order of the runs. */
export type Results = ReadonlyMap<WorkKey, ReadonlyMap<Timed, readonly Sample[]>>;

/** Work that leaves the cluster as it was. */
const reading: readonly WorkKey[] = ['start', 'ask', 'template', 'search', 'chart-template'];
/** A life of an installation. */
const shortLife = ['install', 'upgrade-none', 'upgrade-five', 'remove'] as const;
/** The same of the very chart that Helm installs. */
const chartLife = shortLife.map((key) => `chart-${key}` as const);

/** Measures everything that is asked for. The two tools take turns, so that what the machine does meanwhile hits both alike. */
export async function runBench(bench: Bench): Promise<Results> {
  const { options } = bench;
  const tools: readonly Tool[] = bench.shop.helm === undefined ? ['appstore'] : ['appstore', 'helm'];
  const all: readonly Timed[] = [...tools, 'bare', 'process'];
  const results = new Map(works.map(({ key }) => [key, new Map<Timed, Sample[]>()]));
  const wanted = (key: WorkKey) => options.only.has(key);
  const turn = async (key: WorkKey, round: number, after?: (timed: Timed) => Promise<void>) => {
    // Who goes first changes, too
    for (const timed of round % 2 === 0 ? all : all.toReversed()) {
      const sample = await sampleOf(bench, timed, key);
      if (sample === undefined) continue;
      const samples = results.get(key);
      samples?.set(timed, [...(samples.get(timed) ?? []), sample]);
      await after?.(timed);
    }
  };
  const settled = (key: WorkKey) => (timed: Timed) =>
    settle(
      bench.cluster,
      namespaceOf(timed),
      key.endsWith('remove') ? 'gone' : 'ready',
      bench.surroundings.signal,
    );

  const lives = [
    ...(shortLife.some(wanted) ? [shortLife] : []),
    ...(chartLife.some(wanted) ? [chartLife] : []),
    ...(wanted('install-ready') ? [['install-ready', 'remove'] as const] : []),
  ];
  for (const key of reading.filter(wanted)) {
    // Once unmeasured: files come into the caches of the system and of Node
    for (let round = -1; round < options.runs; round++) await turn(key, Math.abs(round));
    for (const samples of results.get(key)?.values() ?? []) samples.shift();
    bench.tell(`${key}: done`);
  }
  for (let round = 0; round < options.runs; round++) {
    for (const key of lives.flat()) await turn(key, round, settled(key));
    if (lives.length > 0) bench.tell(`install to remove: ${round + 1} of ${options.runs}`);
  }
  if (wanted('list')) {
    await seedLists(bench, tools);
    await sleep(3000, undefined, { signal: bench.surroundings.signal });
    for (let round = 0; round < options.runs; round++) await turn('list', round);
  }
  return new Map([...results].filter(([key]) => wanted(key)));
}

async function sampleOf(bench: Bench, timed: Timed, key: WorkKey): Promise<Sample | undefined> {
  const { cluster, programs, shop, surroundings } = bench;
  if (timed === 'bare') return bareRequests(cluster, key, surroundings.signal);
  const command = timed === 'process' ? programs[key] : commandOf(timed, key, shop);
  return command === undefined ? undefined : measure(command, surroundings);
}
