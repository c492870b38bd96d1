import { displayId } from '../../domain/objects.ts';
import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import type { TestReport } from '../../services/requests.ts';
import { formatDuration } from '../duration.ts';
import type { Palette } from './color.ts';
import type { ResultView } from './print.ts';

/** What came of the tests of an installation, one line each. */
export function testsView(report: TestReport, { simulated }: Simulation): ResultView {
  const { name, namespace, revision, tests } = report;
  const failed = tests.filter(({ result }) => result === 'failed').length;
  return {
    data: {
      apiVersion,
      kind: 'TestReport',
      name,
      namespace,
      revision,
      tests,
      ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
    },
    text: ({ palette }) =>
      [
        ...tests.map((test) => line(test, palette)),
        failed === 0
          ? palette.green(
              tests.length === 1
                ? `The test of ${cleanLine(name)} passed.`
                : `All ${tests.length} tests of ${cleanLine(name)} passed.`,
            )
          : palette.red(
              tests.length === 1
                ? `The test of ${cleanLine(name)} failed.`
                : `${failed} of ${tests.length} tests of ${cleanLine(name)} failed.`,
            ),
      ].join('\n'),
  };
}

function line(
  { ref, result, startedAt, finishedAt, cause, message }: TestReport['tests'][number],
  palette: Palette,
) {
  const took = formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  const what = `${cleanLine(displayId(ref))} (${took})`;
  if (result === 'passed') return `${palette.green('✓')} ${what}`;
  return `${palette.red('✗')} ${what}: ${cleanLine(message, 400)}${cause === undefined ? '' : ` [${cause}]`}`;
}
