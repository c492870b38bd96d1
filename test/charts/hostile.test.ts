import { createServer } from 'node:net';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { chooseEngine } from '../../src/adapters/render/helm/choose.ts';
import type { ChartEngine } from '../../src/adapters/render/helm/engine.ts';
import { type RequestLimits, usualLimits } from '../../src/adapters/render/helm/limits.ts';
import { chartArchive } from '../support/chart.ts';
import { chartFiles, chartRequest, engineOptions, nothingAnswered } from '../support/helm-engine.ts';

// Keys, limits and a second of WebAssembly each: far more on a machine that does other things as well.
vi.setConfig({ testTimeout: 600_000 });

type Engines = Readonly<Record<'native' | 'wasm', ChartEngine>>;

let engines: Engines;
/** With less time than usual, so that the tests of it end soon. */
let hasty: Engines;

beforeAll(async () => {
  engines = await both(usualLimits);
  hasty = await both({ ...usualLimits, timeout: 3_000, cpu: 2 });
}, 600_000);

async function both(limits: RequestLimits): Promise<Engines> {
  const options = { ...(await engineOptions()), limits };
  return {
    native: await chooseEngine({ ...options, build: 'native' }),
    wasm: await chooseEngine({ ...options, build: 'wasm' }),
  };
}

const render = (engine: ChartEngine, files: Readonly<Record<string, string>>) =>
  engine.render(chartRequest(chartFiles(files)), nothingAnswered);

/** Doubles with every level: 2^40 calls. */
const exponential = (call: (name: string) => string) =>
  Array.from(
    { length: 40 },
    (_, level) => `{{ define "l${level}" }}${call(`l${level + 1}`)}${call(`l${level + 1}`)}{{ end }}`,
  ).join('');

const time = /longer than|processor time/;
const memory = /memory|MiB/;
const depth = /deeper|nested|depth|memory|longer than|processor time/;

const hostile: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'a loop that does not end',
    { 'templates/a.yaml': '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}' },
    time,
  ],
  [
    'include that doubles',
    {
      'templates/a.yaml': `${exponential((name) => `{{ include "${name}" . }}`)}{{ define "l40" }}{{ end }}{{ include "l0" . }}`,
    },
    time,
  ],
  [
    'tpl that doubles',
    {
      'templates/a.yaml': `${exponential((name) => `{{ tpl "{{ include \\"${name}\\" . }}" . }}`)}{{ define "l40" }}{{ end }}{{ include "l0" . }}`,
    },
    time,
  ],
  ['a gigantic repeat', { 'templates/a.yaml': 'a: {{ repeat 2000000000 "x" }}' }, memory],
  [
    'text that is doubled again and again',
    {
      'templates/a.yaml':
        '{{ $x := "x" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}a: {{ $x }}',
    },
    memory,
  ],
  ['a list of all numbers', { 'templates/a.yaml': '{{ range until 2000000000 }}{{ end }}' }, memory],
  [
    'a result beyond all charts',
    { 'templates/a.yaml': '{{ range until 90 }}\n---\na: {{ repeat 1000000 "x" }}{{ end }}' },
    memory,
  ],
  [
    'a map that holds itself',
    { 'templates/a.yaml': '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d | toString }}' },
    depth,
  ],
  [
    'a file read until memory ends',
    {
      'templates/a.yaml': '{{ range until 100000 }}{{ $.Files.Get "f" }}{{ end }}',
      f: 'x'.repeat(1_000_000),
    },
    memory,
  ],
];

/** A chart as an archive that holds others. */
const holding = (files: Readonly<Record<string, Uint8Array | string>>) =>
  chartArchive({ name: 'a', version: '1.0.0', files });

/** What a few kilobytes stand for where archives lie in archives. */
const nested: readonly (readonly [string, Buffer])[] = [
  [
    'a bomb in an archive in an archive',
    holding({ 'charts/a.tgz': holding({ f: '0'.repeat(300_000_000) }) }),
  ],
  [
    'archives that multiply in one another',
    Array.from({ length: 4 }).reduce<Buffer>(
      (inside) =>
        holding(
          Object.fromEntries(
            Array.from({ length: 30 }, (_, at) => [`charts/a${at}.tgz`, new Uint8Array(inside)]),
          ),
        ),
      holding({ f: '0'.repeat(5_000_000) }),
    ),
  ],
];

describe.each(['native', 'wasm'] as const)('in the %s build', (build) => {
  test.each(hostile)('%s is stopped by a limit', async (_, files, message) => {
    const bounded = message === time ? hasty : engines;
    await expect(render(bounded[build], files)).rejects.toMatchObject({
      code: 'RENDER_LIMIT',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['include', '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}'],
    ['tpl', '{{ define "r" }}{{ tpl "{{ include \\"r\\" . }}" . }}{{ end }}{{ include "r" . }}'],
    ['template', '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}'],
  ])('%s that calls itself is refused', async (call, template) => {
    // Every level of tpl copies all templates, so that it may run out of time before it runs out of levels.
    const bounded = call === 'tpl' ? hasty : engines;
    const error = await render(bounded[build], { 'templates/a.yaml': template }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(['TEMPLATE_FAILED', 'RENDER_LIMIT']).toContain(error?.code);
    expect(error.message.length).toBeLessThan(2_000);
    expect(error.message).toMatch(depth);
  });

  test.each(nested)('%s: refused, or stopped by a limit', async (_, archive) => {
    const files = [
      ...chartFiles({ 'templates/a.yaml': 'a: 1' }),
      { path: 'charts/a.tgz', mode: 0o644, content: new Uint8Array(archive) },
    ];
    await expect(hasty[build].render(chartRequest(files), nothingAnswered)).rejects.toMatchObject({
      code: expect.stringMatching(/^(RENDER_LIMIT|PACKAGE_INVALID)$/),
    });
  });

  test('999 nested includes are none too many', async () => {
    const levels = Array.from(
      { length: 999 },
      (_, at) => `{{ define "l${at}" }}{{ include "l${at + 1}" . }}{{ end }}`,
    );
    const template = `${levels.join('')}{{ define "l999" }}end{{ end }}a: {{ include "l0" . }}`;
    const { documents } = await render(engines[build], { 'templates/a.yaml': template });
    expect(documents[0]?.object).toEqual({ a: 'end' });
  });

  test('regular expressions that hang elsewhere answer at once', async () => {
    const template = `a: {{ regexMatch "^(a+)+$" (printf "%s!" (repeat 100000 "a")) }}
b: {{ regexMatch "^(([a-z])+.)+[A-Z]([a-z])+$" (repeat 10000 "a") }}
`;
    const { documents } = await render(engines[build], { 'templates/a.yaml': template });
    expect(documents[0]?.object).toEqual({ a: false, b: false });
    await expect(
      render(engines[build], { 'templates/a.yaml': '{{ mustRegexMatch "((a{1000}){1000}){1000}" "a" }}' }),
    ).rejects.toMatchObject({ code: 'TEMPLATE_FAILED' });
  });

  test('aliases that multiply are refused, in values and in what is rendered', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
      .concat([...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`))
      .join('\n');
    await expect(render(engines[build], { 'values.yaml': bomb })).rejects.toThrow(/alias/);
    await expect(render(engines[build], { 'templates/a.yaml': bomb })).rejects.toThrow(/alias/);
  });

  test('nothing of the machine is seen', async () => {
    for (const call of ['env "HOME"', 'expandenv "$HOME"', 'readFile "/etc/passwd"'])
      await expect(render(engines[build], { 'templates/a.yaml': `{{ ${call} }}` })).rejects.toThrow(
        /not defined/,
      );
    const template = `host: {{ getHostByName "localhost" | quote }}
file: {{ .Files.Get "/etc/passwd" | quote }}
above: {{ .Files.Get "../../../../etc/passwd" | quote }}
glob: {{ .Files.Glob "/**" | len }}
`;
    const { documents } = await render(engines[build], { 'templates/a.yaml': template });
    expect(documents[0]?.object).toEqual({ host: '', file: '', above: '', glob: 0 });
  });

  test('a schema of the chart reaches no server', async () => {
    const asked: string[] = [];
    const server = createServer((socket) => {
      asked.push('connection');
      socket.destroy();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as { port: number };
    const files = {
      'values.schema.json': `{"$ref": "http://127.0.0.1:${port}/x.json"}`,
      'templates/a.yaml': 'a: 1\n',
    };
    await render(engines[build], files);
    await new Promise((closed) => server.close(closed));
    expect(asked).toEqual([]);
  });
});

test('the process is bounded by processor time as well as by the clock', async () => {
  const options = { ...(await engineOptions()), limits: { ...usualLimits, timeout: 60_000, cpu: 1 } };
  const engine = await chooseEngine({ ...options, build: 'native' });
  const endless = '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}';
  await expect(render(engine, { 'templates/a.yaml': endless })).rejects.toThrow(/processor time/);
});
