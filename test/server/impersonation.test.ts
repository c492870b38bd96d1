import { describe, expect, it } from 'vitest';
import { impersonated, readAllowList } from '../../src/server/callers/impersonation.ts';

const claims = { usernameClaim: 'email', usernamePrefix: '', groupsClaim: 'groups', groupsPrefix: 'oidc:' };
const allowed = readAllowList('f', { users: ['anna@example.org', 'system'], groups: ['oidc:shop'] });
const token = (payload: object) => `h.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.s`;
const who = (payload: object, names = claims) => impersonated(allowed, names)(token(payload), async () => '');

describe('whom a server may speak for', () => {
  it('is who stands in the list, with those of the groups that stand there', async () => {
    const groups = ['shop', 'admins', 'system:masters'];
    expect(await who({ email: 'anna@example.org', email_verified: true, groups })).toEqual({
      name: 'anna@example.org',
      groups: ['oidc:shop'],
      credential: { kind: 'impersonate', user: 'anna@example.org', groups: ['oidc:shop'] },
    });
  });

  it('is nobody else', async () => {
    await expect(who({ email: 'ben@example.org', groups: ['shop'] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('is nobody whose address was not verified, or who has none', async () => {
    const unverified = { email: 'anna@example.org', email_verified: false };
    await expect(who(unverified)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(who({ sub: 'anna@example.org' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is nothing of the cluster, even where claims and prefix make its name', async () => {
    const names = { ...claims, usernameClaim: 'sub', usernamePrefix: 'system:', groupsPrefix: 'system:' };
    const list = { users: new Set(['system:admin']), groups: new Set(['system:masters']) };
    const asked = impersonated(list, names)(token({ sub: 'admin', groups: ['masters'] }), async () => '');
    await expect(asked).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const own = { users: new Set(['anna']), groups: new Set(['system:masters']) };
    const groups = impersonated(own, { ...names, usernamePrefix: '' })(
      token({ sub: 'anna', groups: ['masters'] }),
      async () => '',
    );
    expect((await groups).groups).toEqual([]);
  });

  it.each([
    [{ users: ['system:admin'] }],
    [{ users: ['anna'], groups: ['system:masters'] }],
    [{ users: ['anna'], groups: ['SYSTEM:masters'] }],
    [{ users: ['*'] }],
    [{ users: ['team-*'] }],
    [{ users: [] }],
    [{ groups: ['shop'] }],
    [{ users: 'anna' }],
    [{ users: [1] }],
    [{ users: ['anna'], extras: {} }],
    ['anna'],
    [undefined],
  ])('is not read from a list like %j', (value) => {
    expect(() => readAllowList('f', value as never)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
