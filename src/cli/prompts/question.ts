import type { Io, OutStream } from '../io.ts';

/** What a question is given to be asked with: questions go to stderr. */
export interface Asking {
  readonly input: Io['stdin'];
  readonly output: OutStream;
  readonly signal: AbortSignal;
}

/**
 * Asks, and ends as Ctrl-C does where the keyboard is closed: by Ctrl-D in an empty line, or with the terminal. The library closes its reader
 * then and would wait for ever.
 */
export async function question<T>(io: Io, ask: (asking: Asking) => Promise<T>): Promise<T> {
  const closed = new AbortController();
  // A reader that closes pauses its input, also after an answer; then nothing is open any more by the time that this runs.
  const later = () => void setImmediate(() => closed.abort());
  io.stdin.on('pause', later);
  io.stdin.on('end', later);
  try {
    return await ask({
      input: io.stdin,
      output: io.stderr,
      signal: AbortSignal.any([io.signal, closed.signal]),
    });
  } finally {
    io.stdin.removeListener('pause', later);
    io.stdin.removeListener('end', later);
  }
}

const yesOrNo = /^(?:(y(?:es)?)|no?)$/i;

/** Asks for yes or no; Enter alone is the default. An answer that is neither is taken out of the line. */
export async function askYesNo(io: Io, message: string, byDefault: boolean): Promise<boolean> {
  const { input } = await import('@inquirer/prompts');
  const read = (text: string): boolean | undefined => {
    if (text.trim() === '') return byDefault;
    const found = yesOrNo.exec(text.trim());
    return found === null ? undefined : found[1] !== undefined;
  };
  const typed = await question(io, (asking) =>
    input(
      {
        message: `${message} (${byDefault ? 'Y/n' : 'y/N'})`,
        validate: (text) => read(text) !== undefined || 'You must answer with "yes" or "no"',
        transformer: (text, { isFinal }) => (isFinal ? (read(text) === true ? 'Yes' : 'No') : text),
        theme: { validationFailureMode: 'clear' },
      },
      asking,
    ),
  );
  return read(typed) === true;
}
