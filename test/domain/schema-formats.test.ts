import { describe, expect, test } from 'vitest';
import { schemaFormats } from '../../src/domain/schema-formats.ts';

const long = 'a'.repeat(64);

describe('formats', () => {
  test.each<[string, string[], string[]]>([
    ['quantity', ['8Gi', '250m', '1.5', '1e3'], ['8GB', 'x', '-']],
    [
      'hostname',
      ['a', 'a.example.com', '*.example.com', 'A.B', '1.2.3.4'],
      ['a_b', '-a', 'a-', 'a..b', '.a', `${long}.com`, 'a b', 'a*.b'],
    ],
    ['port', ['1', '80', '65535'], ['0', '65536', '080', '-1', 'http', '1.5']],
    ['duration', ['30s', '5m', '1h30m', '1.5h', '250ms', '7d'], ['30', 's', '1h 30m', '-5m', '1y']],
    ['email', ['a@b', 'a.b+c@example.com'], ['a', '@b', 'a@', 'a b@c', '<a@b>']],
    [
      'uri',
      ['https://a.b/c?d', 'postgres://u@h:5432/db', 'mailto:a@b'],
      ['a.b', '//a', 'https://', 'https://a b', 'http://['],
    ],
    ['ipv4', ['1.2.3.4', '255.255.255.255'], ['1.2.3', '256.1.1.1', '1.2.3.4.5', '01.2.3.4.']],
    ['ipv6', ['::1', 'fd00::1', '2001:db8::8a2e:370:7334'], ['1.2.3.4', ':', '::g', '1::2::3']],
    ['cidr', ['10.0.0.0/8', 'fd00::/8'], ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8/8', 'fd00::/129', '/8']],
    ['dns-label', ['a', 'a-1', '1a'], ['A', '-a', 'a-', 'a.b', long]],
    [
      'date-time',
      ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.5+02:00'],
      ['2026-01-31', '2026-13-01T00:00:00Z', 'now'],
    ],
    ['date', ['2026-01-31'], ['2026-1-31', '31-01-2026', '2026-13-01']],
    ['uuid', ['0c8e4a30-3e3e-4d5b-9f4e-0a4a9b3c1d2e'], ['0c8e4a30', 'x']],
    ['cron', ['0 3 * * *', '*/5 0-6 1,15 * MON', '@daily'], ['0 3 * *', '@often', 'x y', '0 3 * * * *']],
    [
      'image',
      ['nginx', 'nginx:1.27', 'ghcr.io/a/b:v1', `a@sha256:${'0'.repeat(64)}`],
      ['a b', 'a:', '-a', 'a@sha256:0'],
    ],
  ])('%s', (name, good, bad) => {
    const format = schemaFormats.find((candidate) => candidate.name === name);
    expect(good.filter((text) => format?.matches(text) !== true)).toEqual([]);
    expect(bad.filter((text) => format?.matches(text) !== false)).toEqual([]);
  });

  test('none takes long on hostile text', () => {
    const hostile = [
      'a'.repeat(50_000),
      `${'a-'.repeat(20_000)}!`,
      `${'1.'.repeat(20_000)}!`,
      `${'1h'.repeat(20_000)}!`,
      ` ${'*/ '.repeat(20_000)}`,
    ];
    for (const format of schemaFormats)
      for (const text of hostile) expect(format.matches(text)).toBeTypeOf('boolean');
  });
});
