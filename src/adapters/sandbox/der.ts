/**
 * The few pieces of ASN.1 DER (ITU-T X.690) that an X.509 certificate is made of.
 * Every function returns the complete encoding: tag, length, content.
 */

/** Any value: its tag byte and content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => der(0x30, ...items);

export const set = (...items: readonly Uint8Array[]): Buffer => der(0x31, ...items);

export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]));

export const octets = (content: Uint8Array): Buffer => der(0x04, content);

export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text, 'utf8'));

/** A BIT STRING whose last byte has `unused` bits that do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);

/** A positive INTEGER from big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes[0] ?? 0;
  return der(0x02, first >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** `[n]` around an encoded value. */
export const explicit = (n: number, content: Uint8Array): Buffer => der(0xa0 | n, content);

/** `[n]` in place of the tag of a primitive value. */
export const implicit = (n: number, content: Uint8Array): Buffer => der(0x80 | n, content);

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const low = value & 0x7f;
  const high = value >>> 7;
  return high === 0 ? [low] : [...base128(high).map((byte) => byte | 0x80), low];
}

/** A time in UTC: RFC 5280 4.1.2.5 wants UTCTime up to 2049 and GeneralizedTime from 2050 on. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : der(0x18, Buffer.from(digits, 'ascii'));
}
