import { Readable } from 'node:stream';
import { type OperationFacts, operationOutput } from './operation.ts';
import type { LiveOperation } from './registry.ts';

/** Milliseconds between two signs of life, so that nothing on the way takes the line for dead. */
const heartbeat = 15_000;
/** Milliseconds between two looks at an operation that somebody else carries out. */
const lookPause = 1500;
/** Bytes that wait for a reader who does not read; then they are let go of and may come again. */
const mostUnread = 4 * 1024 * 1024;

/**
 * The events of an operation as server-sent events: first what is known of it (`state`), then what happened since `after` and what happens
 * from now on, and at its end the operation as it ended (`end`).
 */
export function liveStream(operation: LiveOperation, after: number, stopped: AbortSignal): Readable {
  const out = openStream(stopped);
  out.send({ event: 'state', data: JSON.stringify(operationOutput(operation.facts())) });
  if (operation.events.lost(after)) out.send({ event: 'gap', data: '{}' });
  const end = async (): Promise<void> => {
    await operation.ended;
    out.end(operationOutput(operation.facts()));
  };
  const stop = operation.events.listen((event) => {
    if (event === undefined) void end();
    else out.send({ event: event.type, id: event.id, data: event.data });
  });
  out.readable.once('close', stop);
  for (const { id, type, data } of operation.events.after(after)) out.send({ event: type, id, data });
  if (operation.facts().state !== 'running') void end();
  return out.readable;
}

/** The same of an operation that another replica or a command line carries out: how it stands, until it stands still. */
export function watchedStream(
  look: (signal: AbortSignal) => Promise<OperationFacts>,
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>,
  stopped: AbortSignal,
): Readable {
  const out = openStream(stopped);
  const gone = new AbortController();
  out.readable.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stopped]);
  const follow = async (): Promise<void> => {
    for (let before = ''; ; ) {
      const facts = await look(signal);
      const data = JSON.stringify(operationOutput(facts));
      if (data !== before) out.send({ event: 'state', data });
      before = data;
      if (facts.state !== 'running') return out.end(operationOutput(facts));
      await sleep(lookPause, signal);
    }
  };
  // A reader whose line ends comes again, and is told then what is wrong.
  follow().catch(() => out.readable.push(null));
  return out.readable;
}

interface Message {
  readonly event: string;
  readonly id?: number;
  readonly data: string;
}

function openStream(stopped: AbortSignal) {
  const readable = new Readable({ read() {} });
  let over = false;
  const write = (text: string): void => {
    if (over) return;
    readable.push(text);
    if (readable.readableLength > mostUnread) readable.destroy();
  };
  const send = ({ event, id, data }: Message): void =>
    write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  const beat = setInterval(() => write(':\n\n'), heartbeat);
  // Whoever listens comes again by itself: to another replica.
  const stop = (): void => close();
  const close = (): void => {
    if (over) return;
    over = true;
    readable.push(null);
  };
  stopped.addEventListener('abort', stop, { once: true });
  readable.once('close', () => {
    over = true;
    clearInterval(beat);
    stopped.removeEventListener('abort', stop);
  });
  write('retry: 2000\n\n');
  return {
    readable,
    send,
    end(operation: object) {
      send({ event: 'end', data: JSON.stringify(operation) });
      close();
    },
  };
}
