import { constants, crc32, deflateRawSync } from 'node:zlib';

/** RFC 1952, written by hand: Node's own header names the system that it runs on. */
export function gzip(bytes: Uint8Array): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  const body = deflateRawSync(bytes, { level: constants.Z_BEST_COMPRESSION, memLevel: 9, windowBits: 15 });
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([head, body, tail]);
}
