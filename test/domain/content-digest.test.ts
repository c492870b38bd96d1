import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../src/domain/content-digest.ts';

const file = (path: string, text: string, mode = 0o644) => ({ path, mode, content: Buffer.from(text) });
const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

describe('contentDigest', () => {
  test('is the documented bytes', () => {
    const records = `a.sh\x00755\x003\x00${sha256('one')}\nb/ü.txt\x00644\x000\x00${sha256('')}\n`;
    const files = [file('b/ü.txt', ''), file('a.sh', 'one', 0o755)];
    expect(contentDigest(files)).toBe(`sha256:${sha256(records)}`);
  });

  test('does not depend on the order of the files, and sorts by UTF-8 bytes', () => {
    // U+FF5E comes before U+1F600 in UTF-8 and after it in UTF-16.
    const wide = file('\uff5e', 'x');
    const smile = file('\u{1f600}', 'y');
    const records = `\uff5e\x00644\x001\x00${sha256('x')}\n\u{1f600}\x00644\x001\x00${sha256('y')}\n`;
    expect(contentDigest([wide, smile])).toBe(`sha256:${sha256(records)}`);
    expect(contentDigest([smile, wide])).toBe(contentDigest([wide, smile]));
  });

  test.each([
    ['content', [file('a', 'b')]],
    ['path', [file('b', 'a')]],
    ['mode', [file('a', 'a', 0o755)]],
    ['one file more', [file('a', 'a'), file('b', '')]],
  ])('changes with %s', (_what, files) => {
    expect(contentDigest(files)).not.toBe(contentDigest([file('a', 'a')]));
  });

  test('of the mode only whether the owner may execute counts', () => {
    expect(contentDigest([file('a', 'a', 0o600)])).toBe(contentDigest([file('a', 'a', 0o664)]));
    expect(contentDigest([file('a', 'a', 0o700)])).toBe(contentDigest([file('a', 'a', 0o755)]));
  });
});
