import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkGenerateRule, generateSecret } from '../../src/domain/generate.ts';

/** Bytes that are the same in every run. */
function seeded(): (count: number) => Uint8Array {
  let turn = 0;
  return (count) => {
    const blocks = Array.from({ length: Math.ceil(count / 32) }, () =>
      createHash('sha256').update(`${turn++}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, count);
  };
}

describe('generated secrets', () => {
  test.each([
    [{}, /^[A-Za-z0-9]{32}$/],
    [{ length: 64, alphabet: 'hex' }, /^[0-9a-f]{64}$/],
    [{ length: 43, alphabet: 'base64url' }, /^[A-Za-z0-9_-]{43}$/],
    [{ length: 8, alphabet: 'numeric' }, /^[0-9]{8}$/],
    [{ length: 1024, alphabet: 'ab!' }, /^[ab!]{1024}$/],
  ])('%j', (rule, form) => {
    expect(generateSecret(rule, seeded())).toMatch(form);
  });

  test('every character is as likely as any other', () => {
    const bytes = seeded();
    const counts = new Map<string, number>();
    for (let index = 0; index < 200; index++)
      for (const character of generateSecret({ length: 1000, alphabet: 'alphanumeric' }, bytes))
        counts.set(character, (counts.get(character) ?? 0) + 1);
    // 200,000 draws from 62: 3226 each. With `byte % 62` the first eight would have 25 % more than the others.
    expect(counts.size).toBe(62);
    expect(Math.max(...counts.values()) / Math.min(...counts.values())).toBeLessThan(1.2);
  });

  test('bytes that would favour some characters are thrown away', () => {
    const bytes = [255, 248, 0, 61, 247, 1, 2, 3, 4, 5];
    const secret = generateSecret({ length: 8 }, () => Uint8Array.from(bytes));
    expect(secret).toBe('A99BCDEF');
  });

  test.each([
    [{ length: 7 }],
    [{ length: 1025 }],
    [{ length: 8.5 }],
    [{ alphabet: 'a' }],
    [{ alphabet: 'aa' }],
    [{ alphabet: '' }],
    [{ alphabet: 'aé' }],
  ])('%j is no rule', (rule) => {
    expect(checkGenerateRule(rule)).toBeTypeOf('string');
    expect(() => generateSecret(rule, seeded())).toThrow('x-generate');
  });
});
