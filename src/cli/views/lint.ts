import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { AppFinding, LintResult } from '../../services/lint.ts';
import type { ResultView, TextStyle } from './print.ts';

/** What `catalog lint` found. Findings that packages say are meant so are counted, and shown with `-o wide`. */
export function lintView({ apps, findings }: LintResult): ResultView {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const of = (severity: string) => open.filter((finding) => finding.severity === severity).length;
  const counts = {
    apps,
    error: of('error'),
    warning: of('warning'),
    suppressed: findings.length - open.length,
  };
  return {
    data: { apiVersion, kind: 'LintReport', counts, items: findings },
    text: (style) =>
      [
        ...(style.wide ? findings : open).map((finding) => findingText(finding, style)),
        `${count(apps, 'app')}: ${count(counts.error, 'error')}, ${count(counts.warning, 'warning')}${counts.suppressed === 0 ? '' : `, ${counts.suppressed} meant to be so`}`,
      ].join('\n'),
  };
}

function findingText(finding: AppFinding, { palette }: TextStyle): string {
  const { file, line, column, rule, severity, message, fix, suppressed } = finding;
  const paint = severity === 'error' ? palette.red : palette.yellow;
  const head = `${cleanLine(file)}:${line}:${column}: ${paint(severity)}: ${cleanLine(message)} ${palette.dim(`[${rule}]`)}`;
  return `${head}\n  ${palette.dim(suppressed === undefined ? fix : `meant so: ${cleanLine(suppressed)}`)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
