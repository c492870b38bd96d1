/**
 * A program that starts, connects, sends what a file says and ends: `node bare-process.mjs FILE`. It reads no package, checks nothing, shows
 * nothing and knows all its requests beforehand: about the least that a program on Node with a lock and a record can be.
 */
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';

export interface BareRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Of a watch of Deployments: it ends once so many are available. */
  readonly available?: number;
}

export interface BareProgram {
  readonly origin: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** What is sent at once; the next wave waits for all of its answers. */
  readonly waves: readonly (readonly BareRequest[])[];
}

async function main({ origin, ca, cert, key, waves }: BareProgram): Promise<void> {
  const session = connect(origin, { ca, cert, key });
  for (const wave of waves) await Promise.all(wave.map((request) => send(session, request)));
  // Without taking the connection apart, as the other tools end.
  process.exit();
}

function send(session: ClientHttp2Session, request: BareRequest): Promise<void> {
  const { method, path, accept = 'application/json', contentType = 'application/json', body } = request;
  return new Promise((resolve, reject) => {
    const stream = session.request(
      {
        ':method': method,
        ':path': path,
        accept,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      { endStream: body === undefined },
    );
    const seen = untilAvailable(request, resolve);
    let status = 0;
    let text = '';
    stream.setEncoding('utf8');
    stream.once('response', (headers) => {
      status = Number(headers[':status']);
    });
    stream.on('data', (chunk) => {
      text += chunk;
      if (seen !== undefined) text = seen(text);
    });
    stream.once('end', () => {
      // What is looked for before an install is not there, and a life without an upgrade deletes less.
      if (status >= 300 && !((method === 'GET' || method === 'DELETE') && status === 404)) {
        return reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`));
      }
      if (seen !== undefined) return reject(new Error(`${path}: it ended before all were available`));
      if (method === 'GET') JSON.parse(text);
      resolve();
    });
    stream.once('error', reject);
    stream.end(body);
  });
}

/** Takes the whole lines of a watch and answers the rest of the text; calls `done` once enough Deployments are available. */
function untilAvailable(
  { available }: BareRequest,
  done: () => void,
): ((text: string) => string) | undefined {
  if (available === undefined) return undefined;
  const ready = new Set<string>();
  return (text) => {
    const lines = text.split('\n');
    for (const line of lines.slice(0, -1)) {
      const { metadata, status } = JSON.parse(line).object;
      if (status?.availableReplicas > 0) ready.add(metadata.name);
    }
    if (ready.size >= available) done();
    return lines.at(-1) ?? '';
  };
}

await main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareProgram);
