import type { PackageFile } from './app.ts';
import { AppstoreError, type Problem } from './errors.ts';

/** Far more than charts require; what a chart says beyond is not told. */
const [mostMessages, longestMessage] = [50, 500];

/** `required "text" .Values.a.b`, or the value before it. Whatever repeats has an end, as a chart may be written to keep a reader busy. */
const forms = (message: string): readonly RegExp[] => {
  const text = quoted(message);
  return [
    new RegExp(`\\brequired\\s{1,20}(?:${text})\\s{1,20}\\(?\\$?\\.Values\\.([A-Za-z0-9_.]{1,200})`),
    new RegExp(`\\.Values\\.([A-Za-z0-9_.]{1,200})\\s{0,20}\\|\\s{0,20}required\\s{1,20}(?:${text})`),
  ];
};

/** A text as a template writes it, in either kind of quotes. */
function quoted(text: string): string {
  return [JSON.stringify(text), `\`${text}\``]
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|');
}

/**
 * What the templates of a chart require and nobody gave, all at once. Helm tells the message alone: which value is meant stands in the template,
 * where that names it beside the message.
 *
 * @param messages what `required` says, each with what it says
 */
export function requiredMissing(
  chart: string,
  files: readonly PackageFile[],
  messages: readonly string[],
): AppstoreError {
  const problems = [...new Set(messages)].slice(0, mostMessages).map((message): Problem => {
    const at = message.length > longestMessage ? undefined : pathIn(message, files);
    return { ...(at === undefined ? {} : { at }), message: message.slice(0, longestMessage) };
  });
  const names = problems.map(({ at, message }) => (at === undefined ? message : `\`${at}\``)).join(', ');
  const sets = problems.flatMap(({ at }) => (at === undefined ? [] : [`--set ${at}=...`]));
  return new AppstoreError('VALUES_MISSING', `${chart} needs values that were not given: ${names}`, {
    problems,
    ...(sets.length === 0 ? {} : { hint: `Pass ${sets.join(' ')}, or a file with \`--values\`.` }),
  });
}

/** The path of the value, with the names of the subcharts that it is given through. */
function pathIn(message: string, files: readonly PackageFile[]): string | undefined {
  const patterns = forms(message);
  for (const { path, content } of files) {
    const [, folders, template] = /^((?:charts\/[^/]+\/)*)(templates\/.*)$/.exec(path) ?? [];
    if (template === undefined) continue;
    const text = new TextDecoder().decode(content);
    const found = patterns.map((pattern) => pattern.exec(text)?.[1]).find((value) => value !== undefined);
    if (found === undefined) continue;
    const charts = found.startsWith('global.') ? '' : (folders ?? '').replace(/charts\/([^/]+)\//g, '$1.');
    return `${charts}${found.replace(/\.$/, '')}`;
  }
  return undefined;
}
