import { createHash, randomBytes } from 'node:crypto';
import { AppstoreError } from '../../domain/errors.ts';
import type { Upgrade } from './upgrade.ts';

/** Fixed by RFC 6455 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
/** Longest message that is taken: the kubelet sends pieces of 32 KiB. */
const LONGEST = 16 * 1024 * 1024;

/** A WebSocket for binary messages, as far as port forwarding needs it. */
export interface WebSocketLink {
  /** Messages of the server, until it closes. Throws where the connection breaks. */
  readonly messages: AsyncGenerator<Buffer>;
  /** Resolves when there is room for the next one. */
  send(data: Buffer): Promise<void>;
  close(): void;
}

/** Opens one with a subprotocol. Throws ApiError, or API_ERROR where the answer is no WebSocket. */
export async function openWebSocket(
  upgrade: Upgrade,
  request: {
    readonly path: string;
    readonly protocol: string;
    readonly subject: string;
    readonly signal: AbortSignal;
  },
): Promise<WebSocketLink> {
  const key = randomBytes(16).toString('base64');
  const { socket, response, head } = await upgrade({
    ...request,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      'sec-websocket-protocol': request.protocol,
    },
  });
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  if (response.headers['sec-websocket-accept'] !== accept) {
    socket.destroy();
    throw new AppstoreError('API_ERROR', `${request.subject}: the server did not open a WebSocket`);
  }
  const write = (opcode: number, data: Buffer) =>
    new Promise<void>((resolve, reject) => {
      // What comes after the end has nowhere to go, and no one waits for it.
      if (socket.writableEnded) return resolve();
      socket.write(frame(opcode, data, randomBytes(4)), (error) => (error ? reject(error) : resolve()));
    });
  socket.on('error', () => undefined);
  if (head.length > 0) socket.unshift(head);
  return {
    messages: messages(socket, (data) => write(PONG, data)),
    send: (data) => write(BINARY, data),
    close: () => {
      if (!socket.writableEnded) socket.end(frame(CLOSE, Buffer.from([0x03, 0xe8]), randomBytes(4)));
    },
  };
}

/** One masked frame, as clients have to send them (RFC 6455 5.2, 5.3). */
export function frame(opcode: number, data: Buffer, mask: Buffer): Buffer {
  const length = data.length;
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127];
  const long = Buffer.alloc(length < 65_536 ? 0 : 8);
  if (long.length > 0) long.writeBigUInt64BE(BigInt(length));
  const masked = Buffer.from(data);
  for (let index = 0; index < length; index++) masked[index] = (data[index] ?? 0) ^ (mask[index % 4] ?? 0);
  const [first = 0, ...rest] = size;
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | first, ...rest]), long, mask, masked]);
}

async function* messages(
  chunks: AsyncIterable<Buffer>,
  pong: (data: Buffer) => Promise<void>,
): AsyncGenerator<Buffer> {
  const parts: Buffer[] = [];
  for await (const { final, opcode, data } of frames(chunks)) {
    if (opcode === CLOSE) return;
    if (opcode === PING) await pong(data);
    if (opcode >= CLOSE) continue;
    parts.push(data);
    if (final) yield Buffer.concat(parts.splice(0));
  }
}

interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly data: Buffer;
}

/** Cuts what comes into frames. */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    for (let cut = parseFrame(held); cut !== undefined; cut = parseFrame(held)) {
      held = held.subarray(cut.size);
      yield cut.frame;
    }
  }
}

function parseFrame(held: Buffer): { readonly frame: Frame; readonly size: number } | undefined {
  if (held.length < 2) return undefined;
  const short = held.readUInt8(1) & 0x7f;
  const header = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (held.length < header) return undefined;
  const length =
    short === 126 ? held.readUInt16BE(2) : short === 127 ? Number(held.readBigUInt64BE(2)) : short;
  if (length > LONGEST) throw new Error('a WebSocket message is too long');
  if (held.length < header + length) return undefined;
  const first = held.readUInt8(0);
  const data = held.subarray(header, header + length);
  return { frame: { final: (first & 0x80) !== 0, opcode: first & 0x0f, data }, size: header + length };
}
