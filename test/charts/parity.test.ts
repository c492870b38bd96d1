import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { chartsIn } from '../../scripts/parity/charts.ts';
import { type Comparison, compareChart } from '../../scripts/parity/compare.ts';
import { helmTemplate } from '../../scripts/parity/helm-template.ts';
import { readPackageFolder } from '../../src/adapters/catalog/read-folder.ts';
import type { ChartEngine } from '../../src/adapters/render/helm/engine.ts';
import { parseGoYaml } from '../../src/domain/go-yaml.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { bothEngines, chartRequest, nothingAnswered } from '../support/helm-engine.ts';
import { defaultCache } from '../support/sandbox-parts.ts';

// Keys, limits and a second of WebAssembly each: far more on a machine that does other things as well.
vi.setConfig({ testTimeout: 600_000 });

const charts = import.meta.dirname;
const run = promisify(execFile);

/** Building Helm from nothing takes some minutes. */
const patience = 1_800_000;

let helm: string;
let native: ChartEngine;
let wasm: ChartEngine;
/** Folders of the Go modules that the engine is made of. */
let helmModule: string;
let sprigModule: string;

beforeAll(async () => {
  [native, wasm] = await bothEngines();
  const found = await findHelm({
    cache: defaultCache(),
    environment: process.env,
    signal: new AbortController().signal,
    exact: true,
    tell: (line) => console.error(line),
  });
  if (found === undefined) throw new Error('Helm is built with Go, which is not on PATH');
  helm = found.path;
  helmModule = await goModule('helm.sh/helm/v4');
  sprigModule = await goModule('github.com/Masterminds/sprig/v3');
}, patience);

async function goModule(path: string): Promise<string> {
  const cwd = join(import.meta.dirname, '../../src/helm/engine');
  const { stdout } = await run('go', ['mod', 'download', '-json', path], { cwd });
  return JSON.parse(stdout).Dir;
}

const equal = (more: Partial<Comparison> = {}) => ({ outcome: 'equal', detail: '', ...more });

describe('our own charts come out as from a real `helm template`', () => {
  const cases: readonly [string, JsonObject, readonly string[]][] = [
    ['functions', {}, []],
    ['umbrella', {}, []],
    ['umbrella', { db: { enabled: true } }, ['--set', 'db.enabled=true']],
    ['umbrella', { replica: { enabled: false } }, ['--set', 'replica.enabled=false']],
    ['umbrella', { tags: { extras: false } }, ['--set', 'tags.extras=false']],
    [
      'umbrella',
      { db: { enabled: true, image: { tag: '2' } }, global: { registry: 'other', shared: { a: null } } },
      [
        '--set-json',
        '{"db":{"enabled":true,"image":{"tag":"2"}},"global":{"registry":"other","shared":{"a":null}}}',
      ],
    ],
  ];
  test.each(cases)('%s with %j', async (name, values, flags) => {
    const chart = { folder: join(charts, name), values, flags };
    const json = ['--set-json', JSON.stringify(values)];
    const wanted = flags.length === 0 ? chart : { ...chart, flags: json };
    for (const engine of [native, wasm]) {
      const { documents, ...rest } = await compareChart(helm, engine, wanted);
      expect(rest).toEqual(equal({ random: 0 }));
      expect(documents).toBeGreaterThan(5);
    }
  });

  test.each([
    ['a number that is too large', { db: { size: 11 } }],
    ['text in a list of numbers', { list: ['x'] }],
    ['a list where a dependency has its values', { db: [] }],
  ])('refused by both: %s', async (_, values) => {
    const flags = ['--set-json', JSON.stringify(values)];
    const comparison = await compareChart(helm, native, { folder: join(charts, 'umbrella'), values, flags });
    expect(comparison).toMatchObject({ outcome: 'both refuse' });
  });
});

test('YAML is read as another reader of the same rules reads it', async () => {
  for (const name of ['functions', 'umbrella']) {
    const folder = join(charts, name);
    const answer = await helmTemplate({ helm, chart: folder, release: 'shop', namespace: 'prod' });
    const output = 'output' in answer ? answer.output : '';
    const theirs = parseGoYaml(output.replace(/^---(?=\S)/gm, '---\n'), name).filter((each) => each !== null);
    const { documents } = await native.documents(output);
    expect(documents.map(({ object }) => rounded(object))).toEqual(theirs);
  }
});

/** The other reader has doubles alone, ours every digit. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? Number(each) : each)));
}

test('the fixture calls every function that a chart may call', async () => {
  const sources = [join(helmModule, 'pkg/engine/funcs.go'), join(sprigModule, 'functions.go')];
  const texts = await Promise.all(sources.map((file) => readFile(file, 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/^\t\t?"(\w+)":/gm)].map(([, name]) => name ?? ''));
  const folder = join(charts, 'functions', 'templates');
  const templates = await Promise.all(
    (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
  );
  const calls = new Set(templates.join('\n').match(/\b\w+\b/g));
  // The two that Helm takes away.
  const called = names.filter((name) => !['env', 'expandenv'].includes(name));
  expect(called.length).toBeGreaterThan(200);
  expect(called.filter((name) => !calls.has(name))).toEqual([]);
});

describe('the charts that Helm itself is tested with', () => {
  test(
    'come out as from Helm, or are refused as by Helm',
    async () => {
      const outcomes = new Map<string, Comparison>();
      for (const folder of await chartsIn(helmModule))
        outcomes.set(folder.slice(helmModule.length + 1), await compareChart(helm, native, { folder }));
      const wrong = [...outcomes].filter(([, { outcome }]) => !['equal', 'both refuse'].includes(outcome));
      expect(wrong).toEqual([]);
      const count = (wanted: string) =>
        [...outcomes.values()].filter(({ outcome }) => outcome === wanted).length;
      expect(count('equal')).toBeGreaterThan(40);
      expect(count('both refuse')).toBeGreaterThan(50);
    },
    patience,
  );

  test(
    'are rendered by both builds alike',
    async () => {
      for (const folder of await chartsIn(helmModule)) {
        const [one, other] = await Promise.all([native, wasm].map((engine) => told(engine, folder)));
        // What differs is made at random: those documents are compared with Helm's above.
        if (isRandom(folder)) continue;
        expect([folder, other]).toEqual([folder, one]);
      }
    },
    patience,
  );
});

const isRandom = (folder: string) => basename(folder).endsWith('compressed-dependencies');

async function told(engine: ChartEngine, folder: string): Promise<unknown> {
  try {
    const files = await readPackageFolder(folder, folder);
    const { documents, notes } = await engine.render(chartRequest(files), nothingAnswered);
    return { documents, notes };
  } catch (error) {
    return String(error);
  }
}
