import { expect, test } from 'vitest';
import { parseExact } from '../../src/domain/exact-json.ts';
import { jsonEqual } from '../../src/domain/json-equal.ts';
import { stableJson } from '../../src/domain/stable-json.ts';
import { writeYaml } from '../../src/domain/yaml-write.ts';

test.each([
  '{"a":9007199254740993}',
  '{"a":-9223372036854775808,"b":[18446744073709551615]}',
  '[9007199254740991,9007199254740992]',
  '{"a":{"b c":{"d":12345678901234567890}}}',
])('%s keeps every digit, also as YAML and under a digest', (text) => {
  const value = parseExact(text);
  expect(JSON.stringify(value)).toBe(text);
  expect(stableJson(value)).toBe(text);
  const digits = text.match(/-?\d{16,}/g) ?? [];
  for (const each of digits) expect(writeYaml(value)).toContain(` ${each}\n`);
  expect(jsonEqual(value as never, parseExact(text) as never)).toBe(true);
});

test('neighbours that one number stands for are two', () => {
  const [one, other] = parseExact('[9007199254740993,9007199254740992]') as [never, never];
  expect(jsonEqual(one, other)).toBe(false);
});

test('what numbers can hold stays a number', () => {
  const text =
    '{"a":1,"b":1.5,"c":1e3,"d":"12345678901234567890","e":0.12345678901234567,"f":1234567890123456}';
  expect(parseExact(text)).toEqual(JSON.parse(text));
});
