import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { WasiExit, type WasiStreams, wasiImports } from './wasi.ts';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts';

/** What a Worker is given: the module, and where frames for it come from. */
export interface WorkerInput {
  readonly module: WasmModule;
  readonly frames: MessagePort;
  /** Counts the frames that were sent. */
  readonly sent: SharedArrayBuffer;
}

/** What a Worker says: bytes of frames, and at last how it ended. */
export type WorkerOutput = { readonly bytes: Uint8Array } | { readonly code: number; readonly log: string };

const logCharacters = 4_000;

run(workerData as WorkerInput);

/** Runs the engine to its end. It waits for answers inside of a call of its own, so this thread does nothing else. */
function run({ module, frames, sent }: WorkerInput): void {
  const log: string[] = [];
  let memory: WasmMemory | undefined;
  const names = webAssembly.Module.imports(module).map(({ name }) => name);
  const imports = wasiImports(names, () => memory as WasmMemory, {
    ...inputFrom(frames, new Int32Array(sent)),
    write: (bytes) => tell({ bytes: bytes.slice() }),
    log: (bytes) => void log.push(Buffer.from(bytes).toString('utf8')),
  });
  let code = 0;
  try {
    const { exports } = new webAssembly.Instance(module, { wasi_snapshot_preview1: imports });
    memory = exports.memory;
    exports._start();
  } catch (error) {
    code = error instanceof WasiExit ? error.code : 1;
    if (!(error instanceof WasiExit)) log.push(String(error));
  }
  tell({ code, log: log.join('').slice(0, logCharacters) });
}

function tell(output: WorkerOutput): void {
  parentPort?.postMessage(output);
}

/** Gives out the bytes of the frames one after the other; waits, asleep, for a frame that has not been sent yet. */
function inputFrom(frames: MessagePort, sent: Int32Array): Pick<WasiStreams, 'read'> {
  let rest: Uint8Array = new Uint8Array();
  let received = 0;
  return {
    read(into) {
      while (rest.length === 0) {
        Atomics.wait(sent, 0, received);
        const next = receiveMessageOnPort(frames)?.message as Uint8Array | undefined;
        if (next === undefined) continue;
        rest = next;
        received++;
      }
      const size = Math.min(into.length, rest.length);
      into.set(rest.subarray(0, size));
      rest = rest.subarray(size);
      return size;
    },
  };
}
