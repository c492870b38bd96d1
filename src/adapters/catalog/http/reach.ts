import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * How far inside an address lies: `public` is the internet, `private` a network at home or at work, `here` this machine and what
 * answers on its link alone (cloud metadata services do).
 */
export type Reach = 'public' | 'private' | 'here';

type Block = readonly [network: string, bits: number, reach: Exclude<Reach, 'public'>];

/** IANA's registries of special-purpose addresses (RFC 6890, RFC 6598, RFC 4193, RFC 4291). */
const blocks: readonly Block[] = [
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  // Carrier-grade NAT; some VPNs and clouds give their machines these
  ['100.64.0.0', 10, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['fc00::', 7, 'private'],
  ['fec0::', 10, 'private'],
  ['0.0.0.0', 8, 'here'],
  ['127.0.0.0', 8, 'here'],
  ['169.254.0.0', 16, 'here'],
  ['192.0.0.0', 24, 'here'],
  ['224.0.0.0', 3, 'here'],
  ['::', 127, 'here'],
  ['fe80::', 10, 'here'],
  ['ff00::', 8, 'here'],
];

let lists: Readonly<Record<Block[2], BlockList>> | undefined;

/** Made for the first address that is judged: it takes as long as reading a small app, and most commands judge none. */
function blockLists(): Readonly<Record<Block[2], BlockList>> {
  lists ??= { private: listOf('private'), here: listOf('here') };
  return lists;
}

function listOf(reach: Reach): BlockList {
  const list = new BlockList();
  for (const [network, bits, of] of blocks)
    if (of === reach) list.addSubnet(network, bits, isIPv6(network) ? 'ipv6' : 'ipv4');
  return list;
}

/** How far inside an IP address lies. What is no address counts as `here`: nothing outside may lead to it. */
export function reachOf(address: string): Reach {
  const plain = embeddedIpv4(address) ?? address;
  const family = isIP(plain);
  if (family === 0) return 'here';
  const name = family === 6 ? 'ipv6' : 'ipv4';
  const inside = blockLists();
  if (inside.here.check(plain, name)) return 'here';
  return inside.private.check(plain, name) ? 'private' : 'public';
}

/** An IPv4 address written inside IPv6: mapped (`::ffff:a.b.c.d`), compatible, and NAT64 (`64:ff9b::/96`). */
function embeddedIpv4(address: string): string | undefined {
  const dotted = /^(?:::ffff:|::|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

const depth: Readonly<Record<Reach, number>> = { public: 0, private: 1, here: 2 };

/** True where something that came from one place may lead to another: never further inside. */
export function mayLead(from: Reach, to: Reach): boolean {
  return depth[to] <= depth[from];
}
