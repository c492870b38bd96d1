import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { cli, cliJson } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await testCluster();
});
afterAll(() => cluster?.close());

/** The first integer that JavaScript's numbers cannot hold. */
const large = '9007199254740993';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: 0
  selector: {matchLabels: {app: large}}
  template:
    metadata: {labels: {app: large}}
    spec:
      terminationGracePeriodSeconds: ${large}
      containers: [{name: main, image: "example.com/main:1"}]
`;

test('a number of --set keeps its digits over upgrades, as long as no file gives it', async () => {
  const [namespace, chart] = [await freshNamespace(), await temporaryFolder()];
  await mkdir(join(chart, 'templates'));
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: counted\nversion: 1.0.0\n');
  await writeFile(
    join(chart, 'templates', 'all.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: counted}\ndata: {a: "{{ .Values.a }}", l: "{{ .Values.l }}"}\n',
  );
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'counted' };
  const data = async () => (await cluster.get(ref))?.data;
  const change = (...argv: string[]) => cliJson([...argv, '-n', namespace]);

  await change('install', chart, 'counted', '--set', 'a=1000000,l={2000000}');
  expect(await data()).toEqual({ a: '1000000', l: '[2000000]' });
  expect(await change('upgrade', 'counted', chart)).toMatchObject({ outcome: 'unchanged' });
  await change('upgrade', 'counted', chart, '--set-json', 'l=[2000000]');
  expect(await data()).toEqual({ a: '1000000', l: '[2e+06]' });
  const file = join(await temporaryFolder(), 'mine.yaml');
  await writeFile(file, 'a: 1000000\n');
  await change('upgrade', 'counted', chart, '-f', file);
  expect(await data()).toEqual({ a: '1e+06', l: '[2e+06]' });
  await change('rollback', 'counted', '1');
  expect(await change('upgrade', 'counted', chart)).toMatchObject({ outcome: 'unchanged' });
  expect(await data()).toEqual({ a: '1000000', l: '[2000000]' });
});

test('an int64 of a chart keeps every digit: printed, applied, recorded, compared', async () => {
  const [namespace, chart] = [await freshNamespace(), await temporaryFolder()];
  await mkdir(join(chart, 'templates'));
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 1.0.0\n');
  await writeFile(join(chart, 'templates', 'all.yaml'), deployment);
  const said = `terminationGracePeriodSeconds: ${large}\n`;
  expect((await cli(['template', chart, 'large'])).stdout).toContain(said);

  await cliJson(['install', chart, 'large', '-n', namespace]);
  const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace, name: 'large' };
  const live = await cluster.get(ref);
  expect(String(live?.spec?.template.spec.terminationGracePeriodSeconds)).toBe(large);
  expect((await cli(['get', 'large', 'manifest', '-n', namespace])).stdout).toContain(said);
  expect(await cliJson(['upgrade', 'large', chart, '-n', namespace])).toMatchObject({ outcome: 'unchanged' });
});
