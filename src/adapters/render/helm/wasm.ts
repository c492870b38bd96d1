import { readFile } from 'node:fs/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { JsonObject } from '../../../domain/json.ts';
import { converse, type Running } from './conversation.ts';
import type { ChartAnswers, ChartEngine } from './engine.ts';
import { engineOver } from './engine-over.ts';
import { FrameReader } from './frames.ts';
import { type Ended, endedError, type RequestLimits } from './limits.ts';
import type { WorkerInput, WorkerOutput } from './wasm-worker.ts';
import { type WasmModule, webAssembly } from './web-assembly.ts';

export interface WasmOptions {
  /** File of the module. */
  readonly module: string;
  /** File of the Worker: the built one, or its source. */
  readonly worker: string;
  readonly limits: Pick<RequestLimits, 'timeout'>;
}

/**
 * The engine in WebAssembly, in a Worker of its own for every request: no file, no environment, no network. Its memory has a
 * maximum of its own (scripts/helm-engine/memory-limit.ts); time is kept here.
 */
export function wasmEngine(options: WasmOptions): ChartEngine {
  // Compiled once: it is the same for every Worker.
  let module: Promise<WasmModule> | undefined;
  const compiled = () => {
    module ??= readFile(options.module).then((bytes) => webAssembly.compile(bytes));
    return module;
  };
  const run = async (request: Uint8Array, answers: ChartAnswers, signal?: AbortSignal) =>
    runWorker(options, await compiled(), request, answers, signal);
  return engineOver('wasm', run);
}

/**
 * Megabytes. Calls of Go are calls of WebAssembly, which need V8's stack: Helm allows 1,000 nested `include`s, of some ten calls
 * each.
 */
const stack = 64;

async function runWorker(
  { worker: file, limits: { timeout } }: WasmOptions,
  module: WasmModule,
  request: Uint8Array,
  answers: ChartAnswers,
  signal?: AbortSignal,
): Promise<JsonObject> {
  signal?.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const sent = new SharedArrayBuffer(4);
  const workerData: WorkerInput = { module, frames: port2, sent };
  const worker = new Worker(file, {
    workerData,
    transferList: [port2],
    env: {},
    execArgv: [],
    resourceLimits: { stackSizeMb: stack },
  });
  let timedOut = false;
  const end = () => void worker.terminate();
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeout);
  signal?.addEventListener('abort', end, { once: true });
  const running: Running = {
    send(frame) {
      port1.postMessage(frame);
      const counter = new Int32Array(sent);
      Atomics.add(counter, 0, 1);
      Atomics.notify(counter, 0);
    },
    headers: headersOf(worker, () => ({ timedOut, timeout })),
  };
  try {
    return await converse(running, request, answers);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    port1.close();
    await worker.terminate();
  }
}

async function* headersOf(
  worker: Worker,
  timing: () => Pick<Ended, 'timedOut' | 'timeout'>,
): AsyncGenerator<JsonObject> {
  const reader = new FrameReader();
  for await (const output of outputsOf(worker)) {
    if ('bytes' in output) yield* reader.push(output.bytes);
    else throw endedError({ ...output, signal: null, ...timing() });
  }
}

/** What the Worker says, and at last that it is gone. */
async function* outputsOf(worker: Worker): AsyncGenerator<WorkerOutput> {
  const waiting: WorkerOutput[] = [];
  let wake: () => void = () => {};
  const push = (output: WorkerOutput) => {
    waiting.push(output);
    wake();
  };
  worker.on('message', push);
  worker.on('error', (error) => push({ code: 1, log: String(error) }));
  worker.on('exit', (code) => push({ code, log: '' }));
  for (;;) {
    const next = waiting.shift();
    if (next !== undefined) yield next;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
