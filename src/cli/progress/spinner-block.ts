import { clearLine, moveCursor } from 'node:readline';
import { cleanLine } from '../../domain/text.ts';
import { type OutStream, widthOf } from '../io.ts';
import { textWidth, truncate } from '../views/width.ts';

/** Lines at the bottom of the terminal that are written anew again and again, with a spinner before the first. */
export interface SpinnerBlock {
  /** Every line must be narrower than the terminal. */
  show(text: string): void;
  readonly visible: boolean;
  clear(): void;
  /** Takes the block away for good. */
  end(): void;
}

/** Makes a block; nothing is shown yet. */
export async function spinnerBlock(stream: OutStream): Promise<SpinnerBlock> {
  const { default: ora } = await import('ora');
  // Whether there is a terminal is decided before; the variable CI of the process has no say in it.
  const spinner = ora({ stream, discardStdin: false, isEnabled: true });
  const clear = (): void => {
    if (spinner.isSpinning) spinner.stop();
  };
  // A narrower terminal breaks the lines that stand there, so that they take more rows than the spinner would clear
  const onResize = (): void => {
    if (!spinner.isSpinning) return;
    spinner.clear();
    clearRowsAbove(stream, brokenRows(spinner.text, widthOf(stream)));
  };
  stream.on('resize', onResize);
  return {
    show(text) {
      spinner.text = text;
      if (!spinner.isSpinning) spinner.start();
    },
    get visible() {
      return spinner.isSpinning;
    },
    clear,
    end() {
      stream.off('resize', onResize);
      clear();
    },
  };
}

/** A text as one line of a block: two columns are the spinner's, one stays free so that no line wraps. */
export function oneLine(stream: OutStream, text: string): string {
  return truncate(cleanLine(text), widthOf(stream) - 3);
}

/** Rows more than there are lines. The spinner and a space stand before the first line. */
function brokenRows(text: string, width: number): number {
  return `  ${text}`
    .split('\n')
    .reduce((rows, line) => rows + Math.max(0, Math.ceil(textWidth(line) / width) - 1), 0);
}

function clearRowsAbove(stream: OutStream, rows: number): void {
  for (let row = 0; row < rows; row++) {
    moveCursor(stream, 0, -1);
    clearLine(stream, 0);
  }
}
