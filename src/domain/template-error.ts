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
 *     template: chart/templates/a.yaml:3:4: executing "a" at <include "b" .>: error calling include: template: chart/...
 *
 * The last is Go's own, which Helm leaves as it is where it cannot take it apart, such as a recursion of a thousand steps.
 */
export function readTemplateError(text: string): TemplateError {
  const short = /^(parse|execution) error (?:at|in) \(([^)]+)\): ([\s\S]*)$/.exec(text);
  if (short !== null) {
    const place = placeOf(short[2] ?? '');
    return { ...(place === undefined ? {} : { place }), message: (short[3] ?? '').trim(), calledFrom: [] };
  }
  const steps = text.startsWith('template: ') ? chainOf(text) : stepsOf(text);
  const last = steps.at(-1);
  if (last === undefined) return { message: shortened(text.trim()), calledFrom: [] };
  const calledFrom = steps
    .slice(0, -1)
    .toReversed()
    .slice(0, mostSteps)
    .map(({ place, at }) => ({ place, what: at === '' ? 'a template' : `\`${at}\`` }));
  const said = last.said === '' ? 'failed' : last.said;
  return {
    place: last.place,
    message: last.at === '' ? said : `\`${last.at}\`: ${said}`,
    calledFrom,
  };
}

/** A recursion has a thousand steps, all alike. */
const mostSteps = 10;

/** Characters of what a step says: it may hold the whole text of a template, in quotes within quotes. */
const longest = 500;

function chainOf(text: string): Step[] {
  return text.split(/(?:^|: |\s)template: /).flatMap((part) => {
    const [, where, at, said] =
      /^(\S+?:\d+(?::\d+)?): executing "[^"]*" at <([\s\S]*?)>: ([\s\S]*)$/.exec(part) ?? [];
    const place = where === undefined ? undefined : placeOf(where);
    return place === undefined ? [] : [{ place, at: shortened(at ?? ''), said: shortened(said ?? '') }];
  });
}

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)} ...`;
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
