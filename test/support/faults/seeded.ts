import type { Fault } from './play.ts';
import type { Decide, ProxyRequest } from './proxy.ts';

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Make = (random: () => number) => Fault;

/** What happens to plain requests, each as likely as the others. */
const plain: readonly Make[] = [
  (random) => ({ type: 'delay', milliseconds: Math.floor(random() * 300) }),
  () => ({ type: 'refuse', status: 429, retryAfter: 1 }),
  () => ({ type: 'refuse', status: 500 }),
  () => ({ type: 'refuse', status: 503 }),
  () => ({ type: 'reset', when: 'before', what: 'stream' }),
  () => ({ type: 'reset', when: 'after', what: 'stream' }),
  () => ({ type: 'reset', when: 'before', what: 'connection' }),
  () => ({ type: 'reset', when: 'after', what: 'connection' }),
  () => ({ type: 'half' }),
  () => ({ type: 'goaway' }),
];

/** What happens to watches. */
const watches: readonly Make[] = [
  (random) => ({ type: 'watch', how: 'drop', after: Math.floor(random() * 400) }),
  () => ({ type: 'watch', how: 'expire', after: 0 }),
  () => ({ type: 'watch', how: 'silent', after: 0 }),
  () => ({ type: 'reset', when: 'before', what: 'connection' }),
];

/** Faults by chance, the same for the same seed and the same order of requests. `share` is how many requests have one. */
export function seededFaults(seed: number, share: number): Decide {
  const random = seededRandom(seed);
  return (request: ProxyRequest) => {
    // One number a request, fault or not, so that the sequence does not depend on what was chosen before.
    const [has, which] = [random(), random()];
    if (has >= share * (request.watch ? 2 : 1)) return undefined;
    const makes = request.watch ? watches : plain;
    return makes[Math.floor(which * makes.length)]?.(random);
  };
}
