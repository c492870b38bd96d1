import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { helmTemplate } from '../../scripts/parity/helm-template.ts';
import { readPackageFolder } from '../../src/adapters/catalog/read-folder.ts';
import { parseAssignments, setPath } from '../../src/domain/given.ts';
import { isObject, type JsonObject } from '../../src/domain/json.ts';
import { bothEngines, chartRequest, nothingAnswered } from '../support/helm-engine.ts';
import { defaultCache } from '../support/sandbox-parts.ts';

/** What `--set` and `--set-string` mean, beside a real Helm: type and text of every value as templates see them. */

/** What a flag sets, with `V` for the name of the value. */
const same: readonly string[] = [
  ...['V=a', 'V=', 'V=true', 'V=false', 'V=null', 'V=yes', 'V=~', 'V=a=b', 'V= 1', 'V="1"', "V='1'"],
  ...['V=0123', 'V=007', 'V=1e3', 'V=0x10', 'V=1_000', 'V=1.10', 'V=.5', 'V=5.', 'V=12abc', 'V=1\\.5'],
  ...['V=9223372036854775808', 'V=a\\,b', 'V.a\\.b=c', 'V.a=b,V.c=d', 'V=x,V=y'],
  ...['V={a,b}', 'V={a\\,b,c}', 'V[0]=x', 'V[1]=x', 'V[0].a=b,V[0].c=d', 'V.a[0][1]=z'],
];
const sameTexts: readonly string[] = [
  'V=1',
  'V=true',
  'V=null',
  'V=',
  'V=1000000',
  'V={1,2}',
  'V=a\\,b',
  'V=1.5',
];

/** What is otherwise, and why. */
const otherwise: Readonly<Record<string, readonly [ours: string, helms: string]>> = {
  // Helm keeps integers of `--set` apart from those of values files; here both are numbers, also when they are read from the record.
  'V=1': ['float64 1', 'int64 1'],
  'V=-1': ['float64 -1', 'int64 -1'],
  'V=1000000': ['float64 1e+06', 'int64 1000000'],
  // An integer that a number would round stays text.
  'V=9007199254740993': ['string 9007199254740993', 'int64 9007199254740993'],
  // A decimal is a number where nothing is lost.
  'V=1.5': ['float64 1.5', 'string 1.5'],
  'V=+1': ['string +1', 'int64 1'],
  'V=-0': ['string -0', 'int64 0'],
  'V=TRUE': ['string TRUE', 'bool true'],
  // An empty list is empty.
  'V={}': ['slice []', 'slice [""]'],
};

const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: values}
data:
{{- range $name, $value := .Values }}
  {{ $name }}: {{ printf "%s %s" (kindOf $value) (ternary (toJson $value) (printf "%v" $value) (or (kindIs "slice" $value) (kindIs "map" $value))) | quote }}
{{- end }}
`;

interface Case {
  readonly name: string;
  readonly text: string;
  readonly typed: boolean;
}

const named = (texts: readonly string[], typed: boolean): Case[] =>
  texts.map((text, at) => ({ name: `${typed ? 'v' : 's'}${at}`, text, typed }));
const cases = [...named(same, true), ...named(sameTexts, false)];
const others = named(Object.keys(otherwise), true).map((one) => ({ ...one, name: `o${one.name}` }));
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
  const flags = [...cases, ...others].flatMap((one) => [one.typed ? '--set' : '--set-string', textOf(one)]);
  const printed = await helmTemplate({ helm: found.path, chart, release: 'r', namespace: 'd', flags });
  if ('refused' in printed) throw new Error(printed.refused);
  const { documents } = await native.documents(printed.output);
  helms = dataOf(documents);
  const values = [...cases, ...others].reduce<JsonObject>(
    (all, one) =>
      parseAssignments(textOf(one), { flag: '--set', typed: one.typed }).reduce(
        (before, { path, value }) => setPath(before, path, value),
        all,
      ),
    {},
  );
  const files = await readPackageFolder(chart, chart);
  const rendered = await native.render({ ...chartRequest(files), values }, nothingAnswered);
  ours = dataOf(rendered.documents);
}, 1_800_000);

afterAll(() => rm(chart, { recursive: true, force: true }));

function dataOf(documents: readonly { readonly object: unknown }[]): Readonly<Record<string, string>> {
  const [first] = documents;
  if (!isObject(first?.object) || !isObject(first.object.data)) throw new Error('no values');
  return first.object.data as Readonly<Record<string, string>>;
}

test.each(cases)('$text ($typed) is what Helm makes of it', (one) => {
  expect(ours[one.name]).toBe(helms[one.name]);
});

test.each(others)('$text is otherwise than with Helm, as it is said to be', ({ name, text }) => {
  expect([ours[name], helms[name]]).toEqual(otherwise[text]);
});
