import { formatAge } from '../../domain/age.ts';
import type { Diagnosis, EvidenceLine, Finding } from '../../domain/diagnosis.ts';
import type { Fix } from '../../domain/fixes.ts';
import { displayId } from '../../domain/objects.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import { fixOf, meaningOf, whyOutput } from '../../outputs/why.ts';
import type { WhyReport } from '../../services/requests.ts';
import { problemLines } from './error.ts';
import type { ResultView, TextStyle } from './print.ts';
import { healthText } from './status.ts';
import { wrapLines } from './wrap.ts';

/** Why an installation is not healthy, or was not: cause, evidence, and what to try. */
export function whyView(report: WhyReport, options: Simulation): ResultView {
  const { diagnosis } = report;
  return {
    data: whyOutput(report, options),
    names: () => (diagnosis === undefined ? [] : [diagnosis.cause]),
    text: (style) => whyText(report, style),
  };
}

function whyText(report: WhyReport, style: TextStyle): string {
  const { palette } = style;
  const { diagnosis } = report;
  const problems = report.problems.flatMap((problem) => problemLines(problem, palette));
  return [
    headLine(report, style),
    ...(diagnosis === undefined ? wellLines(report) : diagnosisLines(diagnosis, report, style)),
    ...(diagnosis === undefined || report.source === 'live' ? failedLines(report, style) : []),
    ...(problems.length === 0 ? [] : ['', ...wrapped(problems, style)]),
  ].join('\n');
}

/** Sentences, broken between words; command lines and logs stay as they are, to be copied. */
function wrapped(lines: readonly string[], { width }: TextStyle): string[] {
  return lines.map((line) => wrapLines(line, width));
}

function headLine({ record, health, revision, diagnosis }: WhyReport, { palette, now }: TextStyle): string {
  const title = `${palette.bold(cleanLine(record.name))} in namespace ${cleanLine(record.namespace)}`;
  const unread = diagnosis?.cause === 'FORBIDDEN' && health === 'healthy';
  if (unread) return `${title}: ${palette.yellow('not all of it may be read')}`;
  if (health !== undefined) return `${title}: ${healthText(health, palette)}`;
  const ago = diagnosis === undefined ? '' : `, failed ${formatAge(diagnosis.at, now)} ago`;
  return `${title}, revision ${revision}${ago}`;
}

function wellLines({ source, record }: WhyReport): string[] {
  if (source === 'record') return ['This revision did not fail.'];
  const { length } = record.inventory;
  return [
    `Nothing is wrong: ${length === 1 ? 'its object is as it' : `all its ${length} objects are as they`} should be.`,
  ];
}

/** That a change failed is worth knowing even where the objects of the change before are well. */
function failedLines({ failed, record, diagnosis }: WhyReport, style: TextStyle): string[] {
  const { palette } = style;
  if (failed === undefined) return [];
  const cause = failed.cause === undefined ? '' : ` (${failed.cause})`;
  const command = `appstore why ${record.name} -n ${record.namespace} --revision ${failed.number}`;
  const said = failed.message === diagnosis?.message ? '' : `: ${failed.message ?? 'no reason was recorded'}`;
  return [
    '',
    ...wrapped([palette.yellow(cleanLine(`Revision ${failed.number} failed${cause}${said}`, 1200))], style),
    `  ${cleanLine(`What was found then: ${command}`)}`,
  ];
}

function diagnosisLines(diagnosis: Diagnosis, report: WhyReport, style: TextStyle): string[] {
  const { cause, message, findings } = diagnosis;
  const [first, ...others] = findings;
  const isFirst = first !== undefined && first.cause === cause;
  const { palette } = style;
  return [
    ...wrapped([`${palette.red(cleanLine(cause))}  ${meaningOf(cause)}`], style),
    '',
    ...(isFirst ? findingLines(first, style) : wrapped([`  ${cleanLine(message, 4096)}`], style)),
    '',
    ...fixLines(fixOf(diagnosis, report), style),
    ...otherLines(isFirst ? others : findings, style),
  ];
}

function findingLines({ ref, reason, affects, evidence }: Finding, style: TextStyle): string[] {
  const { palette } = style;
  const because = affects.map((one) => cleanLine(displayId(one))).join(', ');
  const said = [
    `${palette.bold(cleanLine(displayId(ref)))}: ${cleanLine(reason, 1200)}`,
    ...(because === '' ? [] : [`  not healthy because of it: ${because}`]),
  ];
  const shown = (line: EvidenceLine) => evidenceLines(line).map((text) => palette.dim(text));
  return [
    ...wrapped(said, style),
    ...evidence.flatMap((line) => (line.source === 'log' ? shown(line) : wrapped(shown(line), style))),
  ];
}

function evidenceLines({ ref, source, text }: EvidenceLine): string[] {
  const lines = cleanText(text, 8192).split('\n');
  const head = `  ${source} of ${cleanLine(displayId(ref))}:`;
  return lines.length === 1 ? [`${head} ${lines[0]}`] : [head, ...lines.map((line) => `    ${line}`)];
}

function fixLines(fix: Fix, style: TextStyle): string[] {
  return [
    wrapLines(`${style.palette.cyan('To try:')} ${fix.text}`, style.width, 'To try: '.length),
    ...fix.commands.map((command) => `  ${cleanLine(command, 1024)}`),
  ];
}

function otherLines(others: readonly Finding[], style: TextStyle): string[] {
  if (others.length === 0) return [];
  const lines = others.map(
    ({ ref, cause, reason }) => `  ${cleanLine(`${displayId(ref)}: ${reason} (${cause})`, 1200)}`,
  );
  return ['', style.palette.bold('Not healthy either:'), ...wrapped(lines, style)];
}
