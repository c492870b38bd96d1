import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** What is read of a report of vitest's `json` reporter. */
export interface TestReport {
  readonly testResults: readonly {
    /** Absolute path. */
    readonly name: string;
    readonly status: string;
    /** Why the file itself failed, outside its tests; empty where it did not. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** A line for every test, and every file outside its tests, that failed: file, name, and the first line of why. */
export function failures(report: TestReport, root: string): string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) => `${file}: ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
    );
  });
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).trimStart().split('\n', 1)[0]?.trimEnd() || 'it does not say why';
}
