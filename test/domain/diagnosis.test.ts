import { describe, expect, it } from 'vitest';
import { boundDiagnosis, type Diagnosis, maskDiagnosis, readDiagnosis } from '../../src/domain/diagnosis.ts';
import type { Json } from '../../src/domain/json.ts';
import { createMasker } from '../../src/domain/masking.ts';
import { sampleDiagnosis } from '../support/record-samples.ts';

const [finding] = sampleDiagnosis.findings as [Diagnosis['findings'][number]];
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;
const sizeOf = (diagnosis: Diagnosis) => Buffer.byteLength(JSON.stringify(diagnosis));

describe('a diagnosis', () => {
  it('is read back as it was', () => {
    expect(readDiagnosis(asJson(sampleDiagnosis))).toEqual(sampleDiagnosis);
  });

  it('never gets larger than allowed, keeps the root and drops from behind', () => {
    const findings = Array.from({ length: 30 }, (_, at) => ({
      ...finding,
      reason: `${at} ${'ü'.repeat(900)}`,
      evidence: [{ ...finding.evidence[1], text: 'x'.repeat(5000) }] as typeof finding.evidence,
    }));
    for (const bytes of [16 * 1024, 8 * 1024, 4 * 1024]) {
      const bounded = boundDiagnosis({ ...sampleDiagnosis, findings }, bytes);
      expect(sizeOf(bounded)).toBeLessThanOrEqual(bytes);
      expect(bounded.findings[0]?.reason).toMatch(/^0 ü/);
    }
  });

  it('keeps the end of a log', () => {
    const log = { ref: finding.ref, source: 'log' as const, text: `${'a\n'.repeat(4000)}the end` };
    const bounded = boundDiagnosis({ ...sampleDiagnosis, findings: [{ ...finding, evidence: [log] }] });
    expect(bounded.findings[0]?.evidence[0]?.text).toMatch(/^…[\s\S]*the end$/);
  });

  it('holds no secret in any of its texts (row 24)', () => {
    const secret = 'hunter2-hunter2';
    const line = { ...finding.evidence[0], text: `password=${secret}` } as (typeof finding.evidence)[number];
    const bare = {
      ...sampleDiagnosis,
      message: `bad ${secret}`,
      findings: [{ ...finding, reason: secret, evidence: [line] }],
    };
    const masked = JSON.stringify(maskDiagnosis(bare, createMasker([secret])));
    expect(masked).not.toContain(secret);
    expect(masked).toContain('password=********');
  });

  const hostile: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['a list', []],
    ['no cause', { ...sampleDiagnosis, cause: 7 }],
    ['a cause that is no word', { ...sampleDiagnosis, cause: '\u001b[31mX' }],
  ];
  it.each(hostile)('that is none is not read: %s', (_name, value) => {
    expect(readDiagnosis(value as Json)).toBeUndefined();
  });

  it('that others edited is safe to show and has no holes', () => {
    const edited = {
      ...sampleDiagnosis,
      message: 'a\u001b]0;title\u0007b\nc',
      findings: [
        7,
        { ...finding, ref: null },
        {
          ...finding,
          affects: [null, 'x', finding.ref],
          evidence: [
            { ref: finding.ref, source: 'elsewhere', text: 'x' },
            { ref: finding.ref, source: 'log', text: 'one\u001b[2J\ntwo' },
          ],
        },
      ],
    };
    const read = readDiagnosis(asJson(edited));
    expect(read?.message).toBe('ab c');
    expect(read?.findings).toHaveLength(1);
    expect(read?.findings[0]?.affects).toEqual([finding.ref]);
    expect(read?.findings[0]?.evidence.map((line) => line.text)).toEqual(['one\ntwo']);
  });
});
