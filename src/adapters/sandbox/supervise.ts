/**
 * The process that holds the programs of one sandbox: it starts them on order, notices when one ends, and takes all of them
 * and every file with it when it is told to stop or when its starter dies before having said `detach`.
 * Run as `node supervise.ts SANDBOXES_FOLDER NAME`, in a session of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cleanSandbox } from './clean.ts';
import { sandboxLayout } from './layout.ts';
import { identify } from './processes.ts';
import type { Order, ProcessesFile, ProgramCommand, ProgramProcess, Report } from './protocol.ts';

const [, , sandboxes = '', name = ''] = process.argv;
const layout = sandboxLayout(sandboxes, name);
const children = new Map<string, ChildProcess>();
let programs: readonly ProgramProcess[] = [];
let detached = false;
let stopping = false;

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

async function record(): Promise<void> {
  const supervisor = await identify(process.pid);
  if (supervisor === undefined || stopping) return;
  const content: ProcessesFile = { supervisor, programs };
  writeFileSync(`${layout.processesFile}.new`, JSON.stringify(content, undefined, 2), { mode: 0o600 });
  renameSync(`${layout.processesFile}.new`, layout.processesFile);
}

async function run(program: ProgramCommand): Promise<void> {
  if (stopping) return;
  const log = openSync(program.log, 'a', 0o600);
  const child = spawn(program.command, program.args, { cwd: layout.folder, stdio: ['ignore', log, log] });
  closeSync(log);
  child.once('error', (error) => ended(program.name, error.message));
  child.once('exit', (code, signal) =>
    ended(program.name, code === null ? `signal ${signal}` : `exit code ${code}`),
  );
  if (child.pid === undefined) return;
  children.set(program.name, child);
  const identity = (await identify(child.pid)) ?? { pid: child.pid, born: '' };
  const others = programs.filter((other) => other.name !== program.name);
  programs = [...others, { name: program.name, process: identity, log: program.log }];
  await record();
  report({ type: 'running', name: program.name });
}

function ended(program: string, how: string): void {
  children.delete(program);
  const end = { how, at: new Date().toISOString() };
  programs = programs.map((other) => (other.name === program ? { ...other, end } : other));
  if (stopping) return;
  record().then(
    () => report({ type: 'exited', name: program, end }),
    () => stop(),
  );
}

/** A throwaway control plane has nothing to save: its programs are killed, not asked. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  const running = [...children.values()];
  const gone = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(gone);
  await cleanSandbox(layout);
  if (process.connected) process.disconnect();
  clearInterval(heartbeat);
}

/** Without its folder the sandbox is lost to everybody: somebody removed it by hand. */
function stopWithoutFolder(): void {
  try {
    readFileSync(layout.processesFile);
  } catch {
    void stop();
  }
}

const heartbeat = setInterval(stopWithoutFolder, 5_000);

process.on('message', (order: Order) => {
  if (order.type === 'detach') detached = true;
  else void run(order.program);
});
process.on('disconnect', () => {
  if (!detached) void stop();
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
process.on('SIGHUP', () => undefined);
record().then(() => report({ type: 'ready' }));
