import type { Cli } from '../cli.ts';

/** Work that takes longer than this shows that it goes on. */
const patience = 1000;

/** Awaits work, with a spinner on a terminal once it takes over a second. */
export async function busy<T>(cli: Pick<Cli, 'io' | 'options'>, text: string, work: Promise<T>): Promise<T> {
  const { stderr } = cli.io;
  if (stderr.isTTY !== true || cli.options.quiet === true) return work;
  let stop = (): void => {};
  let done = false;
  const timer = setTimeout(async () => {
    const { default: ora } = await import('ora');
    if (done) return;
    const spinner = ora({ stream: stderr, discardStdin: false, text }).start();
    stop = () => void spinner.stop();
  }, patience);
  try {
    return await work;
  } finally {
    done = true;
    clearTimeout(timer);
    stop();
  }
}
