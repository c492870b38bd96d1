import { describe, expect, it } from 'vitest';
import { createMasker, maskedText } from '../../src/domain/masking.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { createPatternFinder } from '../../src/domain/patterns.ts';

const password = 'p@ss "wörd"/+1';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const mask = createMasker([password, 'abcdef', 'abcdefgh', 'short', 'line one of a key\nline two of a key']);

// DESIGN "Ownership and trust": also as base64; inside longer strings (env, args, ConfigMap, URL, log, event).
const places: readonly [string, string][] = [
  ['as it is', `before ${password} after`],
  ['base64', base64(password)],
  ['base64 in the middle of a longer text, offset 1', base64(`u${password}tail`)],
  ['base64 in the middle of a longer text, offset 2', base64(`us${password}tail`)],
  ['base64url', Buffer.from(`x${password}`).toString('base64url')],
  ['percent-encoded', `postgres://u:${encodeURIComponent(password)}@db/x`],
  ['form-encoded', new URLSearchParams({ p: password }).toString()],
  ['escaped for JSON', JSON.stringify({ p: password })],
  ['escaped twice', JSON.stringify({ log: JSON.stringify({ p: password }) })],
];

const pieces = ['p@ss', 'wörd', 'w%C3%B6rd', base64(password).slice(4, 12)];

describe('masking by value', () => {
  it.each(places)('%s', (_title, text) => {
    const masked = mask.text(text);
    expect(masked).toContain(maskedText);
    for (const piece of pieces) expect(masked).not.toContain(piece);
    expect(Buffer.from(masked.replaceAll('*', ''), 'base64').toString()).not.toContain(password);
  });

  it('joins overlapping secrets and leaves what stands beside them', () => {
    expect(mask.text('x abcdefgh y abcdef z abcdabcdef')).toBe(
      `x ${maskedText} y ${maskedText} z abcd${maskedText}`,
    );
  });

  it('finds the lines of a secret that has several', () => {
    expect(mask.text('log: line two of a key.')).toBe(`log: ${maskedText}.`);
  });

  it('does not look for values shorter than 6 characters', () => {
    expect(mask.text('a short text')).toBe('a short text');
    expect(createMasker(['', 'a']).text('banana')).toBe('banana');
  });

  it('goes through JSON: strings, keys, numbers', () => {
    const value = { list: ['abcdef', 12345678, true, null], 'abcdef:x': 1 };
    expect(createMasker(['abcdef', '12345678']).json(value)).toEqual({
      list: [maskedText, maskedText, true, null],
      [`${maskedText}:x`]: 1,
    });
  });
});

describe('masking by place', () => {
  it('hides the data of Secrets, whatever is in it', () => {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"eA=="}}',
          other: 'kept',
        },
      },
      data: { a: 'eA==' },
      stringData: { b: 'x' },
    };
    const before = structuredClone(secret);
    const masked = mask.object(secret);
    expect(masked.data).toEqual({ a: maskedText });
    expect(masked.stringData).toEqual({ b: maskedText });
    expect(JSON.stringify(masked)).not.toContain('eA==');
    expect(masked.metadata.annotations?.other).toBe('kept');
    expect(secret).toEqual(before);
  });
});

describe('pattern finder', () => {
  it('finds what a search one by one finds, in random texts', () => {
    let seed = 7;
    const next = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed % limit;
    };
    const word = (length: number) => Array.from({ length }, () => 'abcé'.charAt(next(4))).join('');
    for (let round = 0; round < 200; round++) {
      const patterns = Array.from({ length: 1 + next(8) }, () => word(3 + next(6)));
      const text = word(200);
      const covered = (ranges: readonly { start: number; end: number }[]) =>
        [...text].map((_, index) => ranges.some((range) => range.start <= index && index < range.end));
      const naive = patterns.flatMap((pattern) =>
        [...text].flatMap((_, start) =>
          text.startsWith(pattern, start) ? [{ start, end: start + pattern.length }] : [],
        ),
      );
      expect(covered(createPatternFinder(patterns)(text))).toEqual(covered(naive));
    }
  });
});
