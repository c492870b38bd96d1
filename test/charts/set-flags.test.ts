import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { helmTemplate } from '../../scripts/parity/helm-template.ts';
import { readPackageFolder } from '../../src/adapters/catalog/read-folder.ts';
import { readGiven } from '../../src/cli/given-options.ts';
import type { AssignmentText } from '../../src/cli/options.ts';
import { parsePath } from '../../src/domain/given.ts';
import { isObject } from '../../src/domain/json.ts';
import { bothEngines, chartRequest, nothingAnswered } from '../support/helm-engine.ts';
import { defaultCache } from '../support/sandbox-parts.ts';
import { testTerminal } from '../support/terminal.ts';

/** What `--set` and its like mean, beside a real Helm: type and text of every value as templates see them. */

/** What each flag sets, with `V` for the name of the value. */
const same: Readonly<Record<string, readonly string[]>> = {
  set: [
    ...['V=a', 'V=', 'V=true', 'V=false', 'V=null', 'V=yes', 'V=~', 'V=a=b', 'V= 1', 'V="1"', "V='1'"],
    ...['V=TRUE', 'V=False', 'V=Null', 'V=0', 'V=1', 'V=-1', 'V=1000000', 'V=9007199254740991'],
    ...['V=0123', 'V=007', 'V=1e3', 'V=0x10', 'V=1_000', 'V=.5', 'V=5.', 'V=12abc', 'V=1\\.5'],
    ...['V=1.5', 'V=1.10', 'V=-0.5', 'V=1000000.0'],
    ...['V=9223372036854775808', 'V=a\\,b', 'V.a\\.b=c', 'V.a=b,V.c=d', 'V=x,V=y', 'V=1000000,V=x,V=2000000'],
    ...[
      'V={a,b}',
      'V={a\\,b,c}',
      'V={1,2000000,1.5}',
      'V[0]=x',
      'V[1]=x',
      'V[0].a=b,V[0].c=d',
      'V.a[0][1]=z',
    ],
    ...['V[1]=1000000', 'V.a.b=1000000', 'V.a\\.b=1000000', 'V.a[0][1]=1000000'],
  ],
  'set-string': ['V=1', 'V=true', 'V=null', 'V=', 'V=1000000', 'V={1,2}', 'V=a\\,b', 'V=1.5'],
  'set-json': [
    ...['V=1', 'V=1000000', 'V=1.5', 'V="a"', 'V=null', 'V=true', 'V=', 'V=[1,{"a":"b,c"}]', 'V= [ ]'],
    ...['V.a=1000000,V.b="x, y"', 'V.a={} ,V.b=[{"c":"}"}]', 'V={"a":{"b":1}},V.a.c=2', 'V[1]="x\\"y"'],
    ...['{"V":{"a":1000000}}', ' {"V": [1, 2]}', 'V.a\\.b=1'],
  ],
  'set-literal': [
    ...['V=a', 'V=', 'V=1', 'V=null', 'V=a,b=c', 'V=a\\,b', 'V={a,b}', 'V= x ', 'V.a=b.c'],
    ...['V.a\\.b=c', 'V.a\\=c', 'V[0].a=x', 'V.a[0][1]=z', 'V=line1\nline2'],
  ],
};

/** What is otherwise with `--set`, and why. */
const otherwise: Readonly<Record<string, readonly [ours: string, helms: string]>> = {
  // An integer that a number would round stays text.
  'V=9007199254740993': ['string "9007199254740993"', 'int64 9007199254740993'],
  'V=+1': ['string "+1"', 'int64 1'],
  'V=-0': ['string "-0"', 'int64 0'],
  'V=-007': ['string "-007"', 'int64 -7'],
  // An empty list is empty.
  'V={}': ['slice []', 'slice [""]'],
};

const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: values}
data:
{{- range $name, $value := .Values }}
  {{ $name }}: {{ printf "%s %s" (kindOf $value) (toJson $value) | quote }}
  {{ $name }}-printed: {{ printf "%v" $value | quote }}
{{- end }}
`;

interface Case {
  readonly name: string;
  readonly flag: AssignmentText['flag'];
  readonly text: string;
}

const named = (flag: Case['flag'], texts: readonly string[], prefix = 'v'): Case[] =>
  texts.map((text, at) => ({ name: `${prefix}${flag.replace('-', '')}${at}`, flag, text }));
const cases = Object.entries(same).flatMap(([flag, texts]) => named(flag as Case['flag'], texts));
const others = named('set', Object.keys(otherwise), 'other');
const textOf = ({ name, text }: Case) => text.replaceAll('V', name);

let chart: string;
let ours: Readonly<Record<string, string>>;
let helms: Readonly<Record<string, string>>;

beforeAll(async () => {
  const found = await findHelm({
    cache: defaultCache(),
    environment: process.env,
    signal: new AbortController().signal,
    exact: true,
    tell: (line) => console.error(line),
  });
  if (found === undefined) throw new Error('Helm is built with Go, which is not on PATH');
  chart = await mkdtemp(join(tmpdir(), 'appstore-set-'));
  await mkdir(join(chart, 'templates'));
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: values\nversion: 1.0.0\n');
  await writeFile(join(chart, 'templates', 'values.yaml'), template);
  const [native] = await bothEngines();
  const all = [...cases, ...others].map((one) => ({ flag: one.flag, text: textOf(one) }));
  const flags = all.flatMap(({ flag, text }) => [`--${flag}`, text]);
  const printed = await helmTemplate({ helm: found.path, chart, release: 'r', namespace: 'd', flags });
  if ('refused' in printed) throw new Error(printed.refused);
  const { documents } = await native.documents(printed.output);
  helms = dataOf(documents);
  const { values, integers = [] } = await readGiven(testTerminal({ tty: false }).io, { assignments: all });
  const files = await readPackageFolder(chart, chart);
  const request = { ...chartRequest(files), values, integers: integers.map((path) => parsePath(path)) };
  const rendered = await native.render(request, nothingAnswered);
  ours = dataOf(rendered.documents);
}, 1_800_000);

afterAll(() => rm(chart, { recursive: true, force: true }));

function dataOf(documents: readonly { readonly object: unknown }[]): Readonly<Record<string, string>> {
  const [first] = documents;
  if (!isObject(first?.object) || !isObject(first.object.data)) throw new Error('no values');
  return first.object.data as Readonly<Record<string, string>>;
}

test.each(cases)('--$flag $text is what Helm makes of it', ({ name }) => {
  expect([ours[name], ours[`${name}-printed`]]).toEqual([helms[name], helms[`${name}-printed`]]);
});

test.each(others)('--set $text is otherwise than with Helm, as it is said to be', ({ name, text }) => {
  expect([ours[name], helms[name]]).toEqual(otherwise[text]);
});
