import { join } from 'node:path';
import type { Command } from './measure.ts';
import type { Packages } from './packages.ts';
import type { Timed, Tool, WorkKey } from './work.ts';

/** What the commands are made from. */
export interface Workshop {
  readonly packages: Packages;
  readonly kubeconfig: string;
  /** Path of Helm; absent where only we are measured. */
  readonly helm?: string;
}

/** Name of the installation of both tools. */
export const installation = 'bench';

/** Namespace of an installation. */
export const namespaceOf = (timed: Timed): string => `bench-${timed}`;

const executable = join(import.meta.dirname, '../../bin/appstore.js');

/** The command of a tool for a piece of work. */
export function commandOf(tool: Tool, key: WorkKey | 'again', shop: Workshop): Command {
  const { app, chart } = shop.packages;
  const ofChart = key.startsWith('chart-');
  const plain = (ofChart ? key.slice('chart-'.length) : key) as PlainKey;
  return tool === 'appstore'
    ? { program: process.execPath, args: [executable, ...ours(plain, shop, ofChart ? chart : app)] }
    : { program: shop.helm ?? 'helm', args: helms(plain, shop) };
}

/** The same work is done with an app and with a chart; Helm has charts only. */
type PlainKey = Exclude<WorkKey, `chart-${string}`> | 'again';

function ours(
  key: PlainKey,
  { packages, kubeconfig }: Workshop,
  [first, second]: Packages['app'],
): readonly string[] {
  const there = ['--kubeconfig', kubeconfig, '--namespace', namespaceOf('appstore')];
  return {
    start: ['--version'],
    ask: ['list', ...there],
    template: ['template', first, installation],
    search: ['search', 'database', '--catalog', packages.catalog],
    install: ['install', first, installation, ...there, '--yes', '--no-wait'],
    'install-ready': ['install', first, installation, ...there, '--yes'],
    'upgrade-none': ['upgrade', installation, first, ...there, '--yes', '--no-wait'],
    'upgrade-five': ['upgrade', installation, second, ...there, '--yes', '--no-wait'],
    again: ['upgrade', installation, first, ...there, '--yes', '--no-wait', '--set-string'],
    remove: ['remove', installation, ...there, '--yes', '--no-wait'],
    list: ['list', '-A', '--kubeconfig', kubeconfig],
  }[key];
}

function helms(key: PlainKey, { packages, kubeconfig }: Workshop): readonly string[] {
  const there = ['--kubeconfig', kubeconfig, '--namespace', namespaceOf('helm')];
  const [first, second] = packages.chart;
  return {
    start: ['version'],
    ask: ['list', ...there],
    template: ['template', installation, first],
    search: ['search', 'repo', 'database'],
    install: ['install', installation, first, ...there],
    'install-ready': ['install', installation, first, ...there, '--wait'],
    'upgrade-none': ['upgrade', installation, first, ...there],
    'upgrade-five': ['upgrade', installation, second, ...there],
    again: ['upgrade', installation, first, ...there, '--set-string'],
    remove: ['uninstall', installation, ...there],
    // Without it only the first 256 are shown
    list: ['list', '-A', '--max', '100000', '--kubeconfig', kubeconfig],
  }[key];
}
