/** A line of git's protocol, or what stands between lines (gitprotocol-common(5), gitprotocol-v2(5)). */
export type Packet = Buffer | 'flush' | 'delimiter' | 'end';

/** What a server sends that is not the protocol. */
export class NoGitProtocol extends Error {}

const between: Readonly<Record<string, Packet>> = { '0000': 'flush', '0001': 'delimiter', '0002': 'end' };

/** Throws NoGitProtocol. */
export function* readPackets(bytes: Buffer): Generator<Packet> {
  for (let at = 0; at < bytes.length; ) {
    const head = bytes.toString('latin1', at, at + 4);
    const special = between[head];
    const length = /^[0-9a-f]{4}$/i.test(head) ? Number.parseInt(head, 16) : 0;
    if (special !== undefined) yield special;
    else if (length < 4 || at + length > bytes.length)
      throw new NoGitProtocol('it does not answer as a git server does');
    else yield bytes.subarray(at + 4, at + length);
    at += Math.max(length, 4);
  }
}

/** A request of version 2: a command, what is known of the client, and its arguments. */
export function writeRequest(command: string, args: readonly string[]): Buffer {
  const lines = (texts: readonly string[]) =>
    texts.map((text) => `${(text.length + 5).toString(16).padStart(4, '0')}${text}\n`).join('');
  return Buffer.from(
    `${lines([`command=${command}`, 'object-format=sha1'])}0001${lines(args)}0000`,
    'latin1',
  );
}

/** A packet as text, without its line feed. */
export function lineOf(packet: Packet): string {
  return typeof packet === 'string' ? '' : packet.toString('utf8').replace(/\n$/, '');
}
