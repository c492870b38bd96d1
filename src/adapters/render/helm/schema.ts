import type { JsonSchema } from '../../../domain/app.ts';
import { checkJson, type JsonBounds } from '../../../domain/bounded-json.ts';
import { modernSchema, schemaFaults } from '../../../domain/chart-schema.ts';
import { AppstoreError, type Problem } from '../../../domain/errors.ts';
import { formatPath } from '../../../domain/given.ts';
import { isObject } from '../../../domain/json.ts';
import { validate } from '../../../domain/json-schema.ts';
import type { ChartValues } from './engine.ts';

/** Looking at a schema goes down into it: the deepest of public charts has some thirty levels. */
const bounds: JsonBounds = { nodes: 500_000, depth: 500 };

/**
 * Checks the values of every chart that has a schema, all at once. On this side, because Go's validator takes 200 ms to start, and
 * with this program's own: it runs patterns in linear time and makes no code of a schema.
 *
 * @throws AppstoreError VALUES_INVALID with every value that does not fit; PACKAGE_INVALID for a schema that is none.
 */
export function checkChartValues(charts: readonly ChartValues[]): void {
  const problems = charts.flatMap(problemsOf);
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new AppstoreError('VALUES_INVALID', `\`${first.at}\` ${first.message}${more}`, {
    problems,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** The schema of a chart, ready for `validate`. Throws PACKAGE_INVALID. */
export function readSchema(text: string, chart: string): JsonSchema | undefined {
  const written = parse(text, chart);
  // `true` allows everything.
  if (written === true) return undefined;
  if (!isObject(written)) throw invalid(chart, 'it is no schema');
  const wrong = checkJson(written, bounds);
  if (wrong !== undefined) throw invalid(chart, wrong);
  const schema = modernSchema(written);
  const [fault] = schemaFaults(schema);
  if (fault !== undefined) throw invalid(chart, `${fault.at}: ${fault.message}`);
  return schema;
}

function problemsOf({ chart, path, schema: text, values }: ChartValues): Problem[] {
  const schema = readSchema(text, chart);
  if (schema === undefined) return [];
  return validate(schema, values, { strict: false }).map(({ path: inner, message, hint }) => ({
    at: formatPath([...path, ...inner]),
    message: path.length === 0 ? message : `${message} (chart ${chart})`,
    ...(hint === undefined ? {} : { hint }),
  }));
}

function parse(text: string, chart: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalid(chart, error instanceof Error ? error.message : String(error));
  }
}

function invalid(chart: string, why: string): AppstoreError {
  return new AppstoreError('PACKAGE_INVALID', `chart ${chart}: values.schema.json cannot be used: ${why}`, {
    place: { file: 'values.schema.json' },
  });
}
