import type { SandboxEmit, SandboxEvent } from '../../services/sandboxes.ts';
import type { Cli } from '../cli.ts';
import { canRedraw } from '../io.ts';
import { oneLine, spinnerBlock } from './spinner-block.ts';

/** Shows how a sandbox comes up: one live line on a terminal, a line now and then without one. */
export async function createSandboxProgress(
  cli: Pick<Cli, 'io' | 'options'>,
): Promise<{ readonly emit: SandboxEmit; readonly stop: () => void }> {
  const { stderr } = cli.io;
  if (cli.options.quiet === true) return { emit: () => undefined, stop: () => undefined };
  if (!canRedraw(cli.io, stderr))
    return { emit: lineEmitter((text) => void stderr.write(`${text}\n`)), stop: () => undefined };
  const block = await spinnerBlock(stderr);
  const show = (text: string): void => block.show(oneLine(stderr, text));
  show('Starting');
  return {
    emit: (event) => {
      const text = eventText(event);
      if (text !== '') show(text);
    },
    stop: block.end,
  };
}

/** Every text once, and what repeats itself every ten seconds. */
function lineEmitter(print: (text: string) => void): SandboxEmit {
  let last = '';
  return (event) => {
    if ('seconds' in event && event.seconds % 10 !== 0) return;
    const text = event.type === 'download' ? `Downloading ${event.program}` : eventText(event);
    if (text === '' || text === last) return;
    last = text;
    print(text);
  };
}

function eventText(event: SandboxEvent): string {
  switch (event.type) {
    case 'build':
      return `Building the programs of the sandbox, once: ${event.packages} of ${event.total} packages, ${event.seconds} s`;
    case 'waiting':
      return `Waiting: ${event.reason}, ${event.seconds} s`;
    case 'download': {
      const of = event.total === undefined ? '' : ` of ${Math.round(event.total / 1e6)}`;
      return `Downloading ${event.program}: ${Math.round(event.bytes / 1e6)}${of} MB`;
    }
    case 'download-failed':
      return `No download: ${event.reason}`;
    case 'phase':
      return `Starting: ${event.phase}`;
    case 'exited':
      return `${event.program} ended (${event.how}): ${event.log}`;
    default:
      return '';
  }
}
