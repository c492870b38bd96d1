import { ApiError } from '../../domain/errors.ts';
import { displayId, type ObjectId } from '../../domain/objects.ts';
import { type Api, typeOf } from './api.ts';
import { objectPath, withQuery } from './paths.ts';

/** What is read of one log at most: it is shown as evidence, not archived. */
const LIMIT_BYTES = 256 * 1024;

interface LogOptions {
  readonly container: string;
  readonly tailLines: number;
  readonly previous?: boolean;
  readonly signal?: AbortSignal;
}

/** Last lines of a container's log; `''` where it has none: not started yet, no run before this one, or gone. */
export async function readLogs(api: Api, pod: ObjectId, options: LogOptions): Promise<string> {
  const type = await typeOf(api, { group: '', version: 'v1', kind: 'Pod' }, options.signal);
  const query = {
    container: options.container,
    tailLines: options.tailLines,
    limitBytes: LIMIT_BYTES,
    previous: options.previous,
  };
  try {
    return await api.transport.text({
      method: 'GET',
      path: withQuery(objectPath(type, pod, 'log'), query),
      accept: '*/*',
      subject: displayId(pod),
      safety: 'repeat',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    // 400: `container "x" in pod "y" is waiting to start`, `previous terminated container "x" in pod "y" not found`.
    if (error instanceof ApiError && [400, 404].includes(error.failure.status)) return '';
    throw error;
  }
}
