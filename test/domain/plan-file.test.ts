import { describe, expect, it } from 'vitest';
import { parsePlanFile } from '../../src/domain/plan-file.ts';
import { isSecret, verifierOf } from '../../src/services/secret-verifier.ts';

const good = {
  apiVersion: 'appstore.dev/v1',
  kind: 'PlanFile',
  formatVersion: 1,
  operation: 'install',
  namespace: 'team',
  name: 'wiki',
  made: { at: '2026-01-01T00:00:00Z', by: 'ann' },
  requireApproval: false,
  bound: { clusterUid: 'u', packageDigest: 'd', basis: '', createNamespace: false, objects: [] },
  nonce: '0123456789abcdef',
  secrets: [{ path: 'password', origin: 'fresh' }],
  content: '',
  approvals: [],
};

describe('a plan file', () => {
  it('is read as it was written', () => {
    expect(parsePlanFile(JSON.stringify(good), 'a.plan')).toEqual(good);
  });

  it.each<[string, unknown]>([
    ['no JSON', undefined],
    ['another kind', { ...good, kind: 'Plan' }],
    ['a newer format', { ...good, formatVersion: 2 }],
    ['an operation that there is none of', { ...good, operation: 'remove' }],
    ['a name that is no text', { ...good, name: 7 }],
    ['no bounds', { ...good, bound: undefined }],
    ['an unknown action', { ...good, bound: { ...good.bound, objects: [{ action: 'explode' }] } }],
    ['a nonce that a pattern could be', { ...good, nonce: '.*' }],
    ['a secret of unknown origin', { ...good, secrets: [{ path: 'a', origin: 'mars' }] }],
    ['an approval without signature', { ...good, approvals: [{ key: 'k', by: 'b', at: 't' }] }],
    ['a list', []],
    ['nothing', null],
  ])('with %s is refused, with the file', (_, data) => {
    const text = data === undefined ? '{' : JSON.stringify(data);
    expect(() => parsePlanFile(text, 'a.plan')).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID', place: { file: 'a.plan' } }),
    );
  });

  it('knows a secret again by a salted verifier that differs each time', () => {
    const [one, other] = [verifierOf('correct horse'), verifierOf('correct horse')];
    expect(one.verifier).not.toBe(other.verifier);
    const sealed = { path: 'password', origin: 'given', ...one } as const;
    expect(isSecret('correct horse', sealed)).toBe(true);
    expect(isSecret('correct horsf', sealed)).toBe(false);
    expect(isSecret('', { ...sealed, verifier: '' })).toBe(false);
  });
});
