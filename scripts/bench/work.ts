export type Tool = 'appstore' | 'helm';

/**
 * What is timed: a tool, the requests that every tool has to send, without any (bare.ts), or the least that a program of our kind can be
 * (bare-process.ts).
 */
export const everyTimed = ['appstore', 'helm', 'bare', 'process'] as const;
export type Timed = (typeof everyTimed)[number];

/** One piece of work that both tools do. */
export interface Work {
  readonly key: string;
  readonly title: string;
  /** Largest ratio of our time to Helm's that we want, and why it can be had. */
  readonly aim?: { readonly ratio: number; readonly reason: string };
}

/** Everything that is measured, in the order of the report. */
export const works = [
  {
    key: 'start',
    title: 'start (`version`)',
    aim: { ratio: 1, reason: 'nothing is loaded before the command is known' },
  },
  { key: 'ask', title: '`list` of an empty namespace' },
  { key: 'template', title: '`template`, 100 objects' },
  { key: 'search', title: '`search` among 100 apps' },
  {
    key: 'install',
    title: 'install, 100 objects, not waiting',
    aim: { ratio: 1 / 2, reason: 'parallel within a rank, on one connection' },
  },
  {
    key: 'upgrade-none',
    title: 'upgrade without a change',
    aim: { ratio: 1 / 10, reason: 'metadata lists tell that nothing differs, and nothing is sent' },
  },
  {
    key: 'upgrade-five',
    title: 'upgrade that adds 5 objects',
    aim: { ratio: 1 / 5, reason: 'only what differs is sent' },
  },
  {
    key: 'remove',
    title: 'remove, 105 objects, not waiting',
    aim: { ratio: 1 / 2, reason: 'deletes run in parallel' },
  },
  {
    key: 'install-ready',
    title: 'install, 100 objects, until all is ready',
    aim: { ratio: 1 / 3, reason: 'watches end with the last object; Helm looks at intervals' },
  },
  { key: 'chart-template', title: '`template` of the chart, 100 objects' },
  { key: 'chart-install', title: 'install of the chart, 100 objects, not waiting' },
  { key: 'chart-upgrade-none', title: 'upgrade of the chart without a change' },
  { key: 'chart-upgrade-five', title: 'upgrade of the chart that adds 5 objects' },
  { key: 'chart-remove', title: 'remove of the chart, 105 objects, not waiting' },
  {
    key: 'list',
    title: '`list`, many installations of 10 revisions',
    aim: { ratio: 1 / 100, reason: 'one metadata request, whatever the payload' },
  },
] as const satisfies readonly Work[];

export type WorkKey = (typeof works)[number]['key'];
