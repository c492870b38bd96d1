import { ApiError } from '../../domain/errors.ts';
import { displayId, type ObjectId } from '../../domain/objects.ts';
import type { LogOptions } from '../../services/ports.ts';
import { type Api, typeOf } from './api.ts';
import { LostConnection } from './connection.ts';
import { objectPath, withQuery } from './paths.ts';

/** What is read of one log at most, bytes, unless told: it is shown as evidence, not archived. */
const LIMIT_BYTES = 256 * 1024;
/** Longest line that is passed on in one piece, characters. */
const LONGEST_LINE = 64 * 1024;

/** Last lines of a container's log; `''` where it has none: not started yet, no run before this one, or gone. */
export async function readLogs(
  api: Api,
  pod: ObjectId,
  options: LogOptions & { readonly limitBytes?: number; readonly signal?: AbortSignal },
): Promise<string> {
  const { signal } = options;
  try {
    const path = await logPath(api, pod, options, { limitBytes: options.limitBytes ?? LIMIT_BYTES });
    return await api.transport.text({ ...requestOf(pod, path), ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    // 400: `container "x" in pod "y" is waiting to start`, `previous terminated container "x" in pod "y" not found`.
    if (error instanceof ApiError && [400, 404].includes(error.failure.status)) return '';
    throw error;
  }
}

/** Lines of a container's log as they come. Ends with the run, with the connection, or with the signal. */
export async function* followLogs(
  api: Api,
  pod: ObjectId,
  options: LogOptions & { readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const { signal } = options;
  try {
    const path = await logPath(api, pod, options, { follow: true });
    yield* logLines(api.transport.stream({ ...requestOf(pod, path), signal }));
  } catch (error) {
    if (!signal.aborted && !(error instanceof LostConnection)) throw error;
  }
}

async function logPath(
  api: Api,
  pod: ObjectId,
  options: LogOptions & { readonly signal?: AbortSignal },
  more: Readonly<Record<string, number | boolean>>,
): Promise<string> {
  const type = await typeOf(api, { group: '', version: 'v1', kind: 'Pod' }, options.signal);
  const { container, tailLines, previous, sinceSeconds } = options;
  return withQuery(objectPath(type, pod, 'log'), { container, tailLines, previous, sinceSeconds, ...more });
}

function requestOf(pod: ObjectId, path: string) {
  return { method: 'GET', path, accept: '*/*', subject: displayId(pod), safety: 'repeat' } as const;
}

/** Splits into lines, empty ones included; what stands behind the last line feed is a line as well. */
async function* logLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length <= LONGEST_LINE) continue;
    yield rest;
    rest = '';
  }
  if (rest !== '') yield rest;
}
