import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { AppstoreError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { converse, type Running } from './conversation.ts';
import type { ChartAnswers, ChartEngine } from './engine.ts';
import { engineOver } from './engine-over.ts';
import { FrameReader } from './frames.ts';
import { type Ended, endedError, type RequestLimits } from './limits.ts';

export interface NativeOptions {
  /** The helper for this platform. */
  readonly program: string;
  readonly limits: RequestLimits;
}

/**
 * The engine as a process of its own for every request: it starts in a few milliseconds, or ahead where a request is sure to come,
 * sets itself limits of memory and processor time, has an empty environment, and is ended with its group where it is not wanted any more.
 */
export function nativeEngine(options: NativeOptions): ChartEngine {
  const warmed = oneAhead(options);
  const run = async (request: Uint8Array, answers: ChartAnswers, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    return runProcess(warmed.take(), options.limits, { request, answers, signal });
  };
  return { ...engineOver('native', run), warm: warmed.start };
}

type Child = ChildProcessWithoutNullStreams;

/** A process that waits for a request which is sure to come. Nothing waits for it: it ends with us, or where none came in time. */
function oneAhead(options: NativeOptions): { start(): void; take(): Child } {
  let waiting: { readonly child: Child; readonly timer: NodeJS.Timeout } | undefined;
  const parts = ({ stdin, stdout, stderr }: Child) => [stdin, stdout, stderr] as unknown as Socket[];
  const drop = (): void => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  return {
    start() {
      if (waiting !== undefined) return;
      const child = start(options);
      const timer = setTimeout(() => endProcess(child), options.limits.timeout).unref();
      waiting = { child, timer };
      // Whoever takes another one is told what is wrong with it.
      child.once('error', drop).once('exit', drop);
      for (const part of [child, ...parts(child)]) part.unref();
    },
    take() {
      const child = waiting?.child;
      if (child === undefined) return start(options);
      drop();
      child.off('error', drop).off('exit', drop);
      for (const part of [child, ...parts(child)]) part.ref();
      return child;
    },
  };
}

const group = process.platform !== 'win32';

function start({ program, limits: { memory, cpu } }: NativeOptions): Child {
  return spawn(program, [String(memory), String(cpu)], {
    env: {},
    cwd: '/',
    stdio: 'pipe',
    detached: group,
  });
}

async function runProcess(
  child: Child,
  { timeout }: RequestLimits,
  {
    request,
    answers,
    signal,
  }: {
    readonly request: Uint8Array;
    readonly answers: ChartAnswers;
    readonly signal: AbortSignal | undefined;
  },
): Promise<JsonObject> {
  const end = () => endProcess(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeout);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await converse(
      attach(child, () => ({ timedOut, timeout })),
      request,
      answers,
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    end();
  }
}

function endProcess(child: Child): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (group) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function attach(child: Child, timing: () => Pick<Ended, 'timedOut' | 'timeout'>): Running {
  // Writing to a process that ended is told by its end.
  child.stdin.on('error', () => {});
  return {
    send: (frame) => void child.stdin.write(frame),
    headers: headersOf(child, timing),
  };
}

async function* headersOf(
  child: Child,
  timing: () => Pick<Ended, 'timedOut' | 'timeout'>,
): AsyncGenerator<JsonObject> {
  const reader = new FrameReader();
  const log = collectLog(child);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(child.spawnfile, cause)));
    child.once('close', (code, signal) => resolve({ code, signal, log: log(), ...timing() }));
  });
  // Awaited below, where the output has ended; an error before that must not go unheard.
  ended.catch(() => {});
  for await (const chunk of child.stdout) yield* reader.push(chunk as Uint8Array);
  throw endedError(await ended);
}

function notStarted(program: string, cause: Error): AppstoreError {
  return new AppstoreError('HELM_ENGINE_MISSING', `${program} cannot be started: ${cause.message}`, {
    cause,
  });
}

/** What the runtime says before it dies: the first lines tell why. */
const logCharacters = 4_000;

function collectLog(child: Child): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < logCharacters) text += chunk;
  });
  return () => text;
}
