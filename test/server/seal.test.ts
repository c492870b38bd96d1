import { describe, expect, it } from 'vitest';
import { createSealer } from '../../src/server/callers/seal.ts';

const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
const key = 'k'.repeat(44);

describe('what is sealed', () => {
  it('opens for its purpose alone, and never looks the same twice', () => {
    const sealer = createSealer([key], random);
    const [one, two] = [sealer.seal('session', { a: 1 }), sealer.seal('session', { a: 1 })];
    expect(one).not.toBe(two);
    expect(sealer.open('session', one)).toEqual({ a: 1 });
    expect(sealer.open('login', one)).toBeUndefined();
  });

  it('opens with any of the keys, and is sealed by the first', () => {
    const before = createSealer([key], random).seal('session', 1);
    const both = createSealer(['n'.repeat(44), key], random);
    expect(both.open('session', before)).toBe(1);
    expect(createSealer(['n'.repeat(44)], random).open('session', both.seal('session', 2))).toBe(2);
  });

  it('counts line ends of a file for nothing', () => {
    expect(createSealer([key], random).open('a', createSealer([`${key}\n`], random).seal('a', 1))).toBe(1);
  });

  it.each([[[]], [['short']], [[`${' '.repeat(40)}short`]]])('needs a key that is one: %j', (texts) => {
    expect(() => createSealer(texts, random)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
