import type { Cli } from '../cli.ts';
import { canRedraw } from '../io.ts';

/** Work that takes longer than this shows that it goes on. */
const patience = 1000;

/** Awaits work, with a spinner on a terminal once it takes over a second. */
export async function busy<T>(cli: Pick<Cli, 'io' | 'options'>, text: string, work: Promise<T>): Promise<T> {
  const { stderr } = cli.io;
  if (!canRedraw(cli.io, stderr) || cli.options.quiet === true) return work;
  let stop = (): void => {};
  let done = false;
  const timer = setTimeout(async () => {
    const { oneLine, spinnerBlock } = await import('./spinner-block.ts');
    const block = await spinnerBlock(stderr);
    stop = block.end;
    if (done) stop();
    else block.show(oneLine(stderr, text));
  }, patience);
  try {
    return await work;
  } finally {
    done = true;
    clearTimeout(timer);
    stop();
  }
}
