import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { DoctorReport, Finding } from '../../services/requests.ts';
import type { Palette } from './color.ts';
import type { ResultView } from './print.ts';
import { wrapLines } from './wrap.ts';

const marks: Readonly<Record<Finding['state'], { readonly mark: string; readonly color: keyof Palette }>> = {
  ok: { mark: '✓', color: 'green' },
  warning: { mark: '!', color: 'yellow' },
  problem: { mark: '✗', color: 'red' },
  skipped: { mark: '-', color: 'dim' },
};

const titles: Readonly<Record<Finding['area'], string>> = {
  cluster: 'Cluster',
  catalogs: 'Catalogs',
  state: 'Installations',
};

/** What the doctor found, by area, each with what to do about it. */
export function doctorView(report: DoctorReport): ResultView {
  return {
    data: { apiVersion, kind: 'DoctorReport', healthy: report.healthy, findings: report.findings },
    text: ({ palette, width }) => {
      const areas = Map.groupBy(report.findings, ({ area }) => area);
      const text = [...areas]
        .map(([area, findings]) =>
          [palette.bold(titles[area]), ...findings.flatMap((one) => lines(one, palette))].join('\n'),
        )
        .join('\n\n');
      return wrapLines(text, width);
    },
  };
}

function lines({ check, state, message, fix }: Finding, palette: Palette): string[] {
  const { mark, color } = marks[state];
  const text = `  ${palette[color](mark)} ${cleanLine(check)}: ${cleanLine(message, 400)}`;
  return fix === undefined ? [text] : [text, `    ${palette.cyan(cleanLine(fix, 400))}`];
}
