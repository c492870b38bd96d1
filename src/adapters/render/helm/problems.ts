import type { ErrorCode } from '../../../domain/error-codes.ts';
import { AppstoreError, formatPlace, type Problem } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { readTemplateError } from '../../../domain/template-error.ts';

/** What the engine says where it cannot answer (src/helm/engine/problem.go). */
interface EngineProblem {
  readonly stage: string;
  readonly message: string;
  /** The rendered document that is no YAML. */
  readonly file?: string;
  readonly text?: string;
  /** What the templates require and was not given. */
  readonly required?: readonly string[];
}

const codes: Readonly<Record<string, ErrorCode>> = {
  load: 'PACKAGE_INVALID',
  install: 'PACKAGE_INVALID',
  dependencies: 'PACKAGE_INVALID',
  missing: 'DEPENDENCY_MISSING',
  values: 'VALUES_INVALID',
  schema: 'VALUES_INVALID',
  kubeVersion: 'REQUIREMENT_UNMET',
  render: 'TEMPLATE_FAILED',
  yaml: 'TEMPLATE_FAILED',
  request: 'NAME_INVALID',
  limit: 'RENDER_LIMIT',
};

/** The error that says what the engine said, with its place. */
export function problemError(header: JsonObject): AppstoreError {
  const problem = header as unknown as EngineProblem;
  const code = codes[problem.stage] ?? 'INTERNAL';
  if (problem.stage === 'render') return templateError(problem.message, problem.required ?? []);
  if (problem.stage === 'yaml') return yamlError(problem);
  if (problem.stage === 'missing')
    return new AppstoreError(code, `Chart.yaml names charts that are not in charts/: ${problem.message}`);
  return new AppstoreError(code, problem.message);
}

/** The chart requires values: what it says of each. */
export class RequiredValues extends Error {
  readonly messages: readonly string[];
  constructor(messages: readonly string[]) {
    super(messages.join(', '));
    this.messages = messages;
  }
}

function templateError(text: string, required: readonly string[]): AppstoreError {
  const { place, message, calledFrom } = readTemplateError(text);
  const problems: Problem[] = calledFrom.map((each) => ({
    message: `called from ${each.what}`,
    at: formatPlace(each.place),
  }));
  return new AppstoreError(
    'TEMPLATE_FAILED',
    place === undefined ? message : `${formatPlace(place)}: ${message}`,
    {
      problems,
      ...(place === undefined ? {} : { place }),
      ...(required.some((each) => message.includes(each)) ? { cause: new RequiredValues(required) } : {}),
    },
  );
}

/** Helm names a line of the rendered document, which nobody has seen: the lines around it are shown. */
function yamlError({ message, file, text }: EngineProblem): AppstoreError {
  const line = Number(/\bline (\d+)\b/.exec(message)?.[1] ?? 0);
  const shown = text === undefined || line === 0 ? [] : linesAround(text, line);
  const path = file?.replace(/^[^/]+\//, '');
  const reason = message.replace(/^YAML parse error on [^:]+: (error converting YAML to JSON: )?/, '');
  return new AppstoreError(
    'TEMPLATE_FAILED',
    path === undefined ? message : `${path}: what it renders to is not YAML: ${reason}`,
    {
      ...(path === undefined ? {} : { place: { file: path } }),
      problems: shown.map(([number, content]) => ({ at: `rendered line ${number}`, message: content })),
      hint: 'The template or a value in it writes text that is not indented or quoted as YAML needs it.',
    },
  );
}

/** Lines before and after the one that is named, which the reader may have passed already. */
const around = 2;

function linesAround(text: string, line: number): [number, string][] {
  return text
    .split('\n')
    .map((content, index): [number, string] => [index + 1, content])
    .filter(([number]) => Math.abs(number - line) <= around);
}
