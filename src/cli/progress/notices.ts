import { formatAge } from '../../domain/age.ts';
import { displayId } from '../../domain/objects.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import type { AppstoreEvent } from '../../services/events.ts';
import type { Palette } from '../views/color.ts';
import { problemLines } from '../views/error.ts';

/** What is told of an event in lines that stay, live or not; `''` where there is nothing to tell. */
export function noticeText(event: AppstoreEvent, palette: Palette, now: Date): string {
  switch (event.type) {
    case 'operation':
      return event.resumed
        ? palette.yellow(`Going on with the ${event.operation} that was not finished.`)
        : '';
    case 'warning':
      return [palette.yellow('Warning:'), ...problemLines(event.problem, palette)].join('\n');
    case 'evidence': {
      const [first = '', ...rest] = cleanText(event.text).split('\n');
      const head = `  ${cleanLine(displayId(event.ref))} ${event.source}: ${first}`;
      return palette.dim([head, ...rest.map((line) => `    ${line}`)].join('\n'));
    }
    case 'locked':
      return palette.yellow(
        `Locked by ${cleanLine(event.holder)}, for ${formatAge(event.since, now)}; watching it.`,
      );
    case 'retry':
      return palette.dim(`  ${cleanLine(displayId(event.ref))}: trying again, ${cleanLine(event.reason)}`);
    case 'connection':
      return event.state === 'lost'
        ? palette.yellow(`The cluster does not answer (${cleanLine(event.reason)}); trying again.`)
        : 'The cluster answers again.';
    default:
      return '';
  }
}
