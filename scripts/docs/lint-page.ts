import { lintRules } from '../../src/domain/lint/rules.ts';
import { cell, page, table } from './markdown.ts';

/** docs/lint.md: every rule of `catalog lint`, and how an exception is made. */
export function lintPage(): string {
  return page([
    '# Rules of `appstore catalog lint`',
    'Made from `src/domain/lint/` by `npm run docs`. Names are stable: none is ever renamed. New rules come as warnings first.',
    'Packages are looked at as they are rendered with their defaults, charts as far as they can be; with `ci/NAME-values.yaml` in the package, with those values, too. `--fail-on warning` makes warnings fail the command, `--fail-on never` nothing. `-o sarif` writes SARIF 2.1.0 for code hosts, `-o json` a [LintReport](outputs.md#lintreport).',
    table(
      ['Rule', 'Severity', 'Why', 'Fix'],
      lintRules.map((rule) => [`\`${rule.name}\``, rule.severity, cell(rule.reason), cell(rule.fix)]),
    ),
    '## Exceptions',
    'In app.yaml, with the reason. `object` is `Kind/name` with `*` for any part; without it the rule holds for no object of the app:',
    '```yaml\nlint:\n  ignore:\n    - rule: read-only-root\n      object: StatefulSet/*\n      reason: writes its configuration beside its program at every start\n```',
    'In a chart, as an annotation of Chart.yaml:',
    '```yaml\nannotations:\n  appstore.dev/lint-ignore.read-only-root: writes its configuration beside its program at every start\n```',
    'An exception that nothing needs is a finding itself. Packages that cannot be read or rendered take none.',
  ]);
}
