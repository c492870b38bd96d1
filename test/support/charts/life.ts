import { join } from 'node:path';
import { cliJson, textFile } from '../cli.ts';
import type { ChartCase, Step } from './cases.ts';
import type { Helm } from './helm.ts';
import { type Snapshot, type SnapshotScope, snapshot, writes } from './snapshot.ts';

/** What is there after each step. */
export type Life = Readonly<Record<Step, Snapshot>>;

const folder = join(import.meta.dirname, '../../fixtures/charts');

/** Where a chart of the suite lies. */
export const chartFolder = (chart: string): string => join(folder, chart);

/** Name of the release, the same for both tools. */
const releaseOf = ({ release = 'app' }: ChartCase): string => release;

/** The values of a case in files, of the install and of the upgrade. */
async function valuesFiles({ values = {}, changed }: ChartCase): Promise<[string, string]> {
  return Promise.all([
    textFile('values.yaml', JSON.stringify(values)),
    textFile('changed.yaml', JSON.stringify(changed)),
  ]);
}

interface Changed {
  readonly outcome: string;
  readonly revision: number;
}

/** A chart from install to removal by us. In the middle it is upgraded without a change, which writes nothing. */
export async function ourLife(one: ChartCase, scope: SnapshotScope): Promise<Life & Unchanged> {
  const [values, changed] = await valuesFiles(one);
  const name = releaseOf(one);
  const where = ['-n', scope.namespace];
  const chart = chartFolder(one.chart);
  const wide = one.beyond === true ? ['--allow-cluster-scope'] : [];
  await cliJson(['install', chart, name, ...where, '--values', values]);
  const install = await snapshot(scope);
  const before = await writes(scope);
  const again = (await cliJson(['upgrade', name, chart, ...where])) as Changed;
  const after = await writes(scope);
  await cliJson(['upgrade', name, chart, ...where, '--values', changed]);
  const upgrade = await snapshot(scope);
  await cliJson(['rollback', name, '1', ...where, ...wide]);
  const rollback = await snapshot(scope);
  await cliJson(['remove', name, ...where, '--yes']);
  const remove = await snapshot(scope);
  return { install, upgrade, rollback, remove, again, before, after };
}

interface Unchanged {
  /** What the upgrade without a change said. */
  readonly again: Changed;
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/** The same by Helm, with its defaults: it installs and upgrades by server-side apply. */
export async function helmsLife(helm: Helm, one: ChartCase, scope: SnapshotScope): Promise<Life> {
  const [values, changed] = await valuesFiles(one);
  const name = releaseOf(one);
  const where = ['-n', scope.namespace];
  const chart = chartFolder(one.chart);
  await helm('install', name, chart, ...where, '-f', values);
  const install = await snapshot(scope);
  await helm('upgrade', name, chart, ...where, '-f', values, '-f', changed);
  const upgrade = await snapshot(scope);
  await helm('rollback', name, '1', ...where);
  const rollback = await snapshot(scope);
  await helm('uninstall', name, ...where, '--wait');
  const remove = await snapshot(scope);
  return { install, upgrade, rollback, remove };
}
