import type { Place } from './errors.ts';

/** An error of a template, taken apart. */
export interface TemplateError {
  /** Where it happened, in a path of the chart; undefined where Helm does not say. */
  readonly place?: Place;
  readonly message: string;
  /** Where that was called from, the nearest first. */
  readonly calledFrom: readonly { readonly place: Place; readonly what: string }[];
}

/**
 * Takes apart what Helm's engine says of a template that fails (helm pkg/engine/engine.go: cleanupParseError,
 * reformatExecErrorMsg). Its forms:
 *
 *     parse error at (chart/templates/a.yaml:3): function "x" not defined
 *     execution error at (chart/templates/a.yaml:3:4): what `fail` or `required` says
 *     chart/templates/a.yaml:3:4
 *       executing "chart/templates/a.yaml" at <include "b" .>:
 *         error calling include:
 *     chart/templates/_b.tpl:7:8
 *       executing "b" at <.Values.c.d>:
 *         nil pointer evaluating interface {}.d
 */
export function readTemplateError(text: string): TemplateError {
  const short = /^(parse|execution) error (?:at|in) \(([^)]+)\): ([\s\S]*)$/.exec(text);
  if (short !== null) {
    const place = placeOf(short[2] ?? '');
    return { ...(place === undefined ? {} : { place }), message: (short[3] ?? '').trim(), calledFrom: [] };
  }
  const steps = stepsOf(text);
  const last = steps.at(-1);
  if (last === undefined) return { message: text.trim(), calledFrom: [] };
  const calledFrom = steps
    .slice(0, -1)
    .toReversed()
    .map(({ place, at }) => ({ place, what: at === '' ? 'a template' : `\`${at}\`` }));
  const said = last.said === '' ? 'failed' : last.said;
  return {
    place: last.place,
    message: last.at === '' ? said : `\`${last.at}\`: ${said}`,
    calledFrom,
  };
}

interface Step {
  readonly place: Place;
  readonly at: string;
  readonly said: string;
}

/** A path may hold a colon nowhere else: Helm's own places end with it. */
const placeLine = /^(\S.*?):(\d+)(?::(\d+))?$/;

function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let at = '';
  let said: string[] = [];
  let place: Place | undefined;
  const close = () => {
    if (place !== undefined) steps.push({ place, at, said: said.join('\n').trim() });
  };
  for (const line of text.split('\n')) {
    const begins = placeLine.exec(line);
    if (begins !== null) {
      close();
      place = placeOf(line);
      at = '';
      said = [];
    } else if (place === undefined) return [];
    else if (at === '' && /^ {2}executing "/.test(line)) at = / at <([\s\S]*)>:$/.exec(line)?.[1] ?? '';
    else said.push(line.trim());
  }
  close();
  return steps;
}

/** `chart/templates/a.yaml:3:4`: the first part is the name of the chart, which is no folder of the package. */
function placeOf(text: string): Place | undefined {
  const [, path, line, column] = placeLine.exec(text) ?? [];
  if (path === undefined || line === undefined) return undefined;
  return {
    file: path.replace(/^[^/]+\//, ''),
    line: Number(line),
    // Go counts columns from 0.
    ...(column === undefined ? {} : { column: Number(column) + 1 }),
  };
}
