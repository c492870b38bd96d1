import { formatAge } from '../../domain/age.ts';
import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import { eventsOutput } from '../../outputs/events.ts';
import type { EventReport } from '../../services/installation-events.ts';
import type { ResultView, TextStyle } from './print.ts';
import { renderTable } from './table.ts';

/** The events of an installation, the newest last. */
export function eventsView(report: EventReport): ResultView {
  return {
    data: eventsOutput(report),
    names: () => report.events.map(({ about, reason }) => `${displayId(about)} ${reason}`),
    text: (style) => (report.events.length === 0 ? '' : eventTable(report, style)),
  };
}

function eventTable({ events }: EventReport, style: TextStyle): Promise<string> {
  const { palette, now } = style;
  return renderTable(
    [
      { title: 'AGE' },
      { title: 'TYPE' },
      { title: 'OBJECT', flexible: style.width < 100 },
      { title: 'REASON' },
      { title: 'MESSAGE', flexible: true },
    ],
    events.map(({ about, warning, reason, message, count, at }) => [
      formatAge(at, now),
      warning ? palette.yellow('Warning') : 'Normal',
      cleanLine(displayId(about)),
      cleanLine(reason),
      cleanLine(count > 1 ? `${message} (${count} times)` : message),
    ]),
    style.wide ? { palette, width: Number.POSITIVE_INFINITY } : style,
  );
}
