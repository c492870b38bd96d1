import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Results } from './bench.ts';
import { type Figures, figuresOf, ratioText } from './statistics.ts';
import { type Timed, type Work, works } from './work.ts';

export interface Line {
  readonly key: string;
  readonly title: string;
  readonly figures: Readonly<Partial<Record<Timed, Figures>>>;
  /** Our median time by Helm's; absent without Helm. */
  readonly ratio?: number;
  readonly aim?: number;
}

/** The lines of the report, in the order of the table of works. */
export function linesOf(results: Results): readonly Line[] {
  return works
    .filter(({ key }) => results.has(key))
    .map((work: Work & { key: (typeof works)[number]['key'] }) => {
      const samples = [...(results.get(work.key) ?? [])];
      const figures: Line['figures'] = Object.fromEntries(
        samples.map(([timed, list]) => [timed, figuresOf(list)]),
      );
      const { appstore, helm } = figures;
      const ratio =
        appstore === undefined || helm === undefined ? undefined : appstore.milliseconds / helm.milliseconds;
      return {
        key: work.key,
        title: work.title,
        figures,
        ...(ratio === undefined ? {} : { ratio }),
        ...(work.aim === undefined ? {} : { aim: work.aim.ratio }),
      };
    });
}

/** A Markdown table: milliseconds and MB are medians, in brackets the fastest and the slowest run. `bare` is bare.ts's, `process` bare-process.ts's. */
export function tableOf(lines: readonly Line[]): string {
  const head = [
    'work',
    'appstore ms',
    'Helm ms',
    'bare requests ms',
    'bare program ms',
    'time: ours / Helm',
    'bare requests / Helm',
    'bare program / Helm',
    'aim',
    'memory MB',
    'memory: ours / Helm',
  ];
  const rows = lines.map(({ title, figures: { appstore, helm, bare, process: program }, aim }) => [
    title,
    ...[appstore, helm, bare, program].map(timeText),
    ...[appstore, bare, program].map((one) =>
      one && helm ? ratioText(one.milliseconds, helm.milliseconds) : '-',
    ),
    aim === undefined ? '-' : ratioText(aim, 1),
    [appstore, helm].map((one) => (one?.peakBytes ? Math.round(one.peakBytes / 1e6) : '-')).join(' / '),
    appstore?.peakBytes && helm?.peakBytes ? ratioText(appstore.peakBytes, helm.peakBytes) : '-',
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function timeText(figures: Figures | undefined): string {
  if (figures === undefined) return '-';
  const [middle, fastest, slowest] = [figures.milliseconds, figures.fastest, figures.slowest].map(Math.round);
  return `${middle} (${fastest}-${slowest})`;
}

/** The machine without its name: what the figures depend on. */
export function machineOf(kubernetes: string, helm: string | undefined): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return [
    cpus()[0]?.model.trim() || process.arch,
    `${availableParallelism()} cores`,
    `${gibibytes} GiB`,
    `Node ${process.versions.node}`,
    `Kubernetes ${kubernetes} (simulated nodes)`,
    ...(helm === undefined ? [] : [`Helm ${helm}`]),
  ].join(', ');
}
