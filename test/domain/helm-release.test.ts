import { describe, expect, it } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import {
  chartFiles,
  chartOfFiles,
  crdsOfChart,
  missingSubcharts,
} from '../../src/domain/helm-chart-files.ts';
import { summaryOfRelease } from '../../src/domain/helm-history.ts';
import { renderedOfRelease } from '../../src/domain/helm-manifest.ts';
import {
  formatHelmRelease,
  helmReleaseLimits,
  parseHelmRelease,
  withHelmStatus,
} from '../../src/domain/helm-release.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { releaseJson } from '../support/helm-samples.ts';

const sample = { namespace: 'shop', name: 'web', version: 3, status: 'deployed' };
const textOf = (over: JsonObject = {}) => JSON.stringify(releaseJson({ ...sample, over }));
const parsed = (over: JsonObject = {}) => parseHelmRelease(textOf(over), 'Secret/shop/x');

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppstoreError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}

describe('a release', () => {
  it('is read as Helm wrote it, and written so that it is read the same again', () => {
    const release = parsed({
      hooks: [
        {
          name: 'migrate',
          kind: 'Job',
          path: 'demo/templates/hook.yaml',
          manifest: 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\n',
          events: ['pre-upgrade'],
          weight: -5,
          delete_policies: ['hook-succeeded'],
        },
      ],
      apply_method: 'ssa',
    });
    expect(release).toMatchObject({
      name: 'web',
      version: 3,
      status: 'deployed',
      notes: 'Have fun.',
      config: { replicas: 2 },
      applyMethod: 'ssa',
      hooks: [{ weight: -5, events: ['pre-upgrade'], deletePolicies: ['hook-succeeded'] }],
    });
    expect(parseHelmRelease(formatHelmRelease(release), 'again')).toEqual(release);
  });

  it('of Helm 3 is applied client-side', () => {
    expect(parsed().applyMethod).toBe('csa');
  });

  it('keeps everything else where its status changes, also what is not known here', () => {
    const text = textOf({ future: { a: [1] } });
    const before = JSON.parse(text);
    const after = JSON.parse(withHelmStatus(text, 'superseded', 'x'));
    expect(after).toEqual({ ...before, info: { ...before.info, status: 'superseded' } });
  });

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['no object', '[]', 'not a JSON object'],
    ['no status', textOf({ info: {} }), 'its status is missing'],
    ['a status of a later version', textOf({ info: { status: 'dreaming' } }), 'its status is "dreaming"'],
    ['no version', textOf({ version: 0 }), 'its version is 0'],
    ['no chart', textOf({ chart: null }), 'its chart is missing'],
    ['a chart without a name', textOf({ chart: { metadata: { version: '1' } } }), 'no name or version'],
    [
      'a file outside of the chart',
      textOf({ chart: { metadata: { name: 'a', version: '1' }, files: [{ name: '../../x', data: '' }] } }),
      'a file of its chart has the name "../../x"',
    ],
    [
      'a file on another drive',
      textOf({ chart: { metadata: { name: 'a', version: '1' }, files: [{ name: 'C:/x', data: '' }] } }),
      'a file of its chart has the name "C:/x"',
    ],
    ['a prototype', textOf().replace('"config":{', '"config":{"__proto__":{"admin":true},'), '`__proto__`'],
    ['a deep one', `{"config":${'['.repeat(300)}${']'.repeat(300)}}`, 'nested deeper than 200'],
    [
      'a wide one',
      `{"config":[${'0,'.repeat(helmReleaseLimits.nodes)}0]}`,
      `more than ${helmReleaseLimits.nodes} values`,
    ],
  ])('with %s is refused with its place', (_what, text, why) => {
    const told = refusal(() => parseHelmRelease(text, 'Secret/shop/x'));
    expect(told).toContain('HELM_RELEASE_INVALID: Secret/shop/x: ');
    expect(told).toContain(why);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it.each([
    [{}, { number: 3, operation: 'upgrade', result: 'deployed', message: 'Upgrade complete' }],
    [{ version: 1 }, { number: 1, operation: 'install' }],
    [
      { info: { status: 'failed', description: 'Rollback to 2' } },
      { operation: 'rollback', target: 2, result: 'failed' },
    ],
    [
      { info: { status: 'superseded', rollback_revision: 4 } },
      { operation: 'rollback', target: 4, result: 'superseded' },
    ],
    [{ info: { status: 'pending-upgrade' } }, { result: 'failed' }],
  ])('%j is a line of our history', (over, line) => {
    expect(summaryOfRelease(parsed(over))).toMatchObject(line);
  });

  it('was made at a time in UTC', () => {
    expect(summaryOfRelease(parsed())).toMatchObject({
      version: '1.0.3',
      appVersion: '9',
      startedAt: '2026-01-02T02:03:05.123Z',
    });
  });
});

describe('its manifest', () => {
  it('is read as Helm reads it, with the template of each object, lists taken apart and hooks apart', () => {
    const manifest = [
      '---\n# Source: demo/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {mode: "0644"}\nx: {mode: 0644, on: yes, at: 12:30:45, day: 2020-01-01}\n',
      '---\n# Source: demo/charts/sub/templates/b.yaml\n# nothing\n',
      '---\n# Source: demo/templates/c.yaml\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}\n',
    ].join('');
    const hooks = [
      { path: 'h.yaml', manifest: 'kind: Job\nmetadata: {name: h}', events: ['test'], weight: 1 },
    ];
    const objects = renderedOfRelease(parsed({ manifest, hooks }), 'web');
    expect(objects.map(({ source, object, phase }) => [source.file, object.kind, phase.kind])).toEqual([
      ['demo/templates/a.yaml', 'ConfigMap', 'normal'],
      ['demo/templates/c.yaml', 'Secret', 'normal'],
      ['h.yaml', 'Job', 'hook'],
    ]);
    expect(objects[0]?.object.x).toEqual({ mode: 420, true: true, at: '12:30:45', day: '2020-01-01' });
    expect(objects[1]?.object).toMatchObject({ data: { k: 'dg==' } });
  });

  it('with aliases that stand for very much is refused', () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
    for (let at = 1; at < 9; at++)
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(',')}]`,
      );
    const told = refusal(() => renderedOfRelease(parsed({ manifest: lines.join('\n') }), 'web'));
    expect(told).toContain('YAML_INVALID: web: manifest: it holds more than 500000 values');
  });
});

describe('its chart', () => {
  const chart = {
    metadata: {
      name: 'demo',
      version: '1.0.0',
      apiVersion: 'v2',
      dependencies: [{ name: 'redis', version: '1.x.x', repository: 'https://charts.invalid' }],
    },
    lock: { digest: 'sha256:x', dependencies: [] },
    templates: [{ name: 'templates/a.yaml', data: Buffer.from('a').toString('base64') }],
    values: { on: 'yes', replicas: 1, port: '80' },
    schema: Buffer.from('{"type":"object"}').toString('base64'),
    files: [
      { name: 'README.md', data: '' },
      {
        name: 'crds/things.yaml',
        data: Buffer.from('kind: CustomResourceDefinition\nmetadata: {name: things.x.io}').toString('base64'),
      },
    ],
  };

  it('becomes the files that it can be rendered from, and those the same chart again', () => {
    const release = parsed({ chart });
    const files = chartFiles(release.chart);
    expect(files.map(({ path }) => path)).toEqual([
      'Chart.lock',
      'Chart.yaml',
      'README.md',
      'crds/things.yaml',
      'templates/a.yaml',
      'values.schema.json',
      'values.yaml',
    ]);
    const again = chartOfFiles(files);
    expect(again).toMatchObject({ metadata: release.chart.metadata, lock: chart.lock, values: chart.values });
    expect(again.files.map(({ name }) => name)).toEqual(['README.md', 'crds/things.yaml']);
    expect(Buffer.from(again.schema ?? []).toString()).toBe('{"type":"object"}');
  });

  it('lacks its subcharts, which Helm does not store: they are named', () => {
    const manifest = '---\n# Source: demo/charts/vendored/templates/x.yaml\nkind: X\n';
    expect(missingSubcharts(parsed({ chart, manifest }))).toEqual(['redis', 'vendored']);
    expect(missingSubcharts(parsed())).toEqual([]);
  });

  it('names its CustomResourceDefinitions', () => {
    expect(crdsOfChart(parsed({ chart }).chart)).toEqual(['things.x.io']);
  });

  it('is none without Chart.yaml', () => {
    expect(refusal(() => chartOfFiles([]))).toContain('PACKAGE_INVALID: it is no Helm chart');
  });
});
