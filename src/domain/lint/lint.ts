import type { Place } from '../errors.ts';
import type { PathStep } from '../given.ts';
import type { Rendered } from '../rendered.ts';
import { type Places, placesOf } from './places.ts';
import { podView } from './pod-view.ts';
import type { Hit, LintRule, PackageView, Severity } from './rule.ts';
import { lintRules, ruleNamed } from './rules.ts';
import { type Suppression, suppresses, suppressionsOf } from './suppressions.ts';

/** Something that could be better, with its place in the package. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  /** Path in the package. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `Kind/name`, where it is about an object. */
  readonly object?: string;
  /** The reason that the package gives why it is meant so. */
  readonly suppressed?: string;
}

export interface LintRequest extends PackageView {
  /** What the package renders to: with defaults, and with each file of values that it brings for checks. */
  readonly renderings: readonly Rendered[];
  readonly installation: { readonly name: string; readonly namespace: string };
  /** What reading and rendering found. */
  readonly found: readonly Finding[];
}

/** Holds a package against every rule. Answers what was found in the order of the files, each once. */
export function lintPackage(request: LintRequest): readonly Finding[] {
  const places = placesOf(request.files);
  const all = [
    ...request.found,
    ...lintRules.flatMap((rule) => (rule.of === 'package' ? packageFindings(rule, request, places) : [])),
    ...request.renderings.flatMap((rendered) => renderedFindings(rendered, request, places)),
  ];
  const suppressions = suppressionsOf(request.files);
  const marked = distinct(all).map((finding) => mark(finding, suppressions, request.installation.name));
  return [...marked, ...aboutSuppressions(suppressions, all, request, places)].sort(byPlace);
}

/** A finding of a rule at a place. */
export function findingAt(
  { name, severity, fix }: Pick<LintRule, 'name' | 'severity' | 'fix'>,
  message: string,
  { file, line = 1, column = 1 }: Place,
): Finding {
  return { rule: name, severity, message, fix, file, line, column };
}

function packageFindings(
  rule: Extract<LintRule, { readonly of: 'package' }>,
  request: LintRequest,
  places: Places,
): readonly Finding[] {
  const head = request.format === 'app' ? 'app.yaml' : 'Chart.yaml';
  return rule
    .check(request)
    .map(({ message, file = head, path = [] }) => findingAt(rule, message, places.inFile(file, path)));
}

function renderedFindings(rendered: Rendered, request: LintRequest, places: Places): readonly Finding[] {
  const view = { ...request, rendered };
  return rendered.objects.flatMap((one) => {
    const { object, source } = one;
    const pod = podView(object);
    const name = `${object.kind}/${object.metadata.name ?? ''}`;
    const at = (rule: LintRule, { message, path = [] }: Hit): Finding => ({
      ...findingAt(rule, `${name}: ${message}`, places.inObject(source, path)),
      object: name,
    });
    return lintRules.flatMap((rule) => {
      if (rule.of === 'pod')
        return pod === undefined ? [] : rule.check(pod, view).map((hit) => at(rule, hit));
      return rule.of === 'object' ? rule.check(object, view, one).map((hit) => at(rule, hit)) : [];
    });
  });
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const key = ({ rule, file, line, column, message }: Finding) =>
    [rule, file, line, column, message].join('\n');
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}

function mark(finding: Finding, suppressions: readonly Suppression[], installation: string): Finding {
  // What cannot be read or rendered is no matter of taste.
  if (ruleNamed(finding.rule).of === 'reading') return finding;
  const found = suppressions.find((suppression) => suppresses(suppression, finding, installation));
  return found === undefined ? finding : { ...finding, suppressed: found.reason };
}

function aboutSuppressions(
  suppressions: readonly Suppression[],
  findings: readonly Finding[],
  { installation, renderings }: LintRequest,
  places: Places,
): readonly Finding[] {
  return suppressions.flatMap((suppression) => {
    const { rule, file, path } = suppression;
    const at = (name: string, message: string, below: readonly PathStep[] = []) =>
      findingAt(ruleNamed(name), message, places.inFile(file, [...path, ...below]));
    if (!lintRules.some(({ name }) => name === rule))
      return [at('suppression-known', `there is no rule \`${rule}\``, file === 'app.yaml' ? ['rule'] : [])];
    if (findings.some((finding) => suppresses(suppression, finding, installation.name))) return [];
    // Where nothing was rendered nobody can tell.
    return renderings.length === 0
      ? []
      : [at('suppression-used', `nothing is found that \`${rule}\` would be ignored for`)];
  });
}

function byPlace(a: Finding, b: Finding): number {
  const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return order(a.file, b.file) || a.line - b.line || a.column - b.column || order(a.rule, b.rule);
}
