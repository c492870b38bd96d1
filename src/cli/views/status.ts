import { formatAge } from '../../domain/age.ts';
import type { Health } from '../../domain/health.ts';
import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import { statusOutput } from '../../outputs/status.ts';
import type { ObjectStatus, StatusReport } from '../../services/requests.ts';
import type { Palette } from './color.ts';
import { problemLines } from './error.ts';
import { stateText } from './installations.ts';
import { linksText, outputsText } from './outputs.ts';
import type { ResultView, TextStyle } from './print.ts';
import { signatureText } from './signature.ts';
import { renderTable } from './table.ts';
import { wrapLines } from './wrap.ts';

/** How an installation is now. */
export function statusView(report: StatusReport, options: Simulation): ResultView {
  return {
    data: statusOutput(report, options),
    names: () => report.objects.map(({ ref }) => displayId(ref)),
    text: (style) => statusText(report, style),
  };
}

async function statusText(report: StatusReport, style: TextStyle): Promise<string> {
  const { palette } = style;
  return [
    ...headLines(report, style),
    '',
    await objectTable(report.objects, style),
    ...section(outputsText(report.outputs, style)),
    ...section(linksText(report.open, report.record, style)),
    ...section(
      wrapLines(report.problems.flatMap((problem) => problemLines(problem, palette)).join('\n'), style.width),
    ),
  ].join('\n');
}

function headLines(report: StatusReport, { palette, now }: TextStyle): string[] {
  const { record, health, pending } = report;
  const signature = signatureText(report.package?.provenance);
  const title = `${palette.bold(cleanLine(record.name))} in namespace ${cleanLine(record.namespace)}: ${healthText(health, palette)}`;
  const runs = record.appVersion === '' ? '' : ` (runs ${cleanLine(record.appVersion)})`;
  const facts = [
    `app ${cleanLine(`${record.catalog}/${record.app} ${record.version}`)}${runs}`,
    `revision ${record.revision}, ${stateText(record.state, palette)}, changed ${formatAge(record.updatedAt, now)} ago`,
    ...(signature === '' ? [] : [`signed ${cleanLine(signature)}`]),
  ];
  if (pending === undefined) return [title, ...facts.map((fact) => `  ${fact}`)];
  const running = `${pending.operation} begun ${formatAge(pending.startedAt, now)} ago by ${pending.holder} is not finished`;
  return [title, ...facts.map((fact) => `  ${fact}`), palette.yellow(`  ${cleanLine(running)}`)];
}

function objectTable(objects: readonly ObjectStatus[], style: TextStyle): Promise<string> {
  return renderTable(
    [
      { title: 'OBJECT', flexible: style.width < 100 },
      { title: 'STATE' },
      { title: 'AGE' },
      ...(style.wide ? [{ title: 'API' }, { title: 'CAUSE' }] : []),
      { title: 'DETAIL', flexible: true },
    ],
    objects.map(({ ref, health, detail, age }) => [
      cleanLine(displayId(ref)),
      objectState(health, style.palette),
      cleanLine(age),
      ...(style.wide
        ? [[ref.group, ref.version].filter((part) => part !== '').join('/'), health.cause ?? '']
        : []),
      cleanLine(detailText(detail, health)),
    ]),
    style,
  );
}

/** What is said of a healthy object is its detail: that it is ready stands beside it already. */
function detailText(detail: string, health: Health): string {
  const reason = health.status === 'current' && detail !== '' ? '' : health.reason;
  return [detail, reason].filter((text) => text !== '').join('; ');
}

/** The state of one object in its colour. */
function objectState(health: Health, palette: Palette): string {
  const text = health.notObserved === true ? `${health.status} (not observed)` : health.status;
  if (health.status === 'current') return palette.green(text);
  return health.status === 'failed' || health.status === 'not-found'
    ? palette.red(text)
    : palette.yellow(text);
}

/** The health of an installation in its colour. */
export function healthText(health: StatusReport['health'], palette: Palette): string {
  if (health === 'healthy') return palette.green(health);
  return health === 'unhealthy' ? palette.red(health) : palette.yellow(health);
}

function section(text: string): string[] {
  return text === '' ? [] : ['', text];
}
