/** A stream to write to, with what is known of the terminal behind it. */
export type OutStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/**
 * The world as the command line sees it. `main.ts` makes it from the process; tests make their own, so that the whole
 * program runs in process.
 */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Carries the result alone. */
  readonly stdout: OutStream;
  /** Carries everything else: progress, questions, warnings, errors. */
  readonly stderr: OutStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** True where a person can be asked: keyboard and screen are both there. Without a screen the keyboard is not even looked for. */
export function canAsk(io: Io, options: { readonly input?: boolean }): boolean {
  return options.input !== false && io.stderr.isTTY === true && io.stdin.isTTY === true;
}

/** Columns of a stream: 80 where a terminal does not know them; without a terminal there is no limit. */
export function widthOf(stream: OutStream): number {
  return stream.isTTY === true ? Math.max(20, stream.columns || 80) : Number.POSITIVE_INFINITY;
}

/**
 * True where lines can be written over: a terminal that obeys control sequences and knows its width. A pseudo terminal that
 * nobody gave a size (`script` in a pipeline, `docker run -t` without a terminal) has 0 columns.
 */
export function canRedraw(io: Pick<Io, 'env'>, stream: OutStream): boolean {
  return stream.isTTY === true && io.env.TERM !== 'dumb' && stream.columns !== 0;
}

/** The whole of standard input as text. */
export async function readStdin(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
