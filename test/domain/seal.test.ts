import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Seal, sealJson, unsealJson } from '../../src/domain/seal.ts';
import { secretForms } from '../../src/domain/secret-forms.ts';

const nonce = 'f0e1d2c3b4a59687';
const sealOf = (...secrets: string[]): Seal => ({ nonce, secrets });
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

describe('a sealed text', () => {
  it.each([
    ['the secret itself', 'correct horse', 'correct horse'],
    ['in a URL', 'p@ss w/rd?', `db://app:${encodeURIComponent('p@ss w/rd?')}@db:5432/app`],
    ['in JSON', 'qu"ote\\d', JSON.stringify({ password: 'qu"ote\\d' })],
    ['as base64', 'correct horse', base64('correct horse')],
    ['inside of base64', 'correct horse', base64('user:correct horse\n')],
    ['in two forms at once', 'correct horse', `correct horse ${encodeURIComponent('correct horse')}`],
    ['too short to be looked for, alone', 'abc', 'abc'],
    ['too short, as base64', 'abc', base64('abc')],
    ['digits in a number', '1234567', 1234567],
  ])('%s: is put back exactly, and is not in it', (_, secret, value) => {
    const data = { a: [value, 'plain'], b: { c: value, d: true, e: null } };
    const sealed = sealJson(sealOf(secret), data);
    const text = JSON.stringify(sealed);
    for (const form of [secret, base64(secret), ...secretForms([secret])])
      if (form.length >= 6) expect(text).not.toContain(form);
    expect(unsealJson(sealOf(secret), sealed)).toEqual(data);
  });

  it('takes another secret of the same place just as well', () => {
    const sealed = sealJson(sealOf('correct horse'), {
      url: 'db://u:correct%20horse@db',
      data: base64('correct horse'),
    });
    expect(unsealJson(sealOf('battery staple'), sealed)).toEqual({
      url: 'db://u:battery%20staple@db',
      data: base64('battery staple'),
    });
  });

  it('keeps apart secrets that hold one another', () => {
    const secrets = sealOf('swordfish', 'swordfish-and-more');
    const data = { a: 'swordfish', b: 'swordfish-and-more', c: 'x swordfish y swordfish-and-more z' };
    expect(unsealJson(secrets, sealJson(secrets, data))).toEqual(data);
  });

  it('holds no form of a random secret anywhere, and gives everything back', () => {
    for (let run = 0; run < 300; run++) {
      const secret = randomBytes(4 + (run % 40)).toString(
        run % 3 === 0 ? 'base64' : run % 3 === 1 ? 'hex' : 'latin1',
      );
      const around = randomBytes(run % 7).toString('hex');
      const data = {
        plain: `${around}${secret}${around}`,
        url: encodeURIComponent(secret),
        [`key-${secret}`]: JSON.stringify({ secret }),
        encoded: base64(`${around}${secret}`),
        nested: [{ deep: [secret] }],
      };
      const sealed = sealJson(sealOf(secret), data);
      const text = JSON.stringify(sealed);
      for (const form of secretForms([secret])) expect(text).not.toContain(form);
      expect(unsealJson(sealOf(secret), sealed)).toEqual(data);
    }
  });

  it('refuses a mark that names no secret', () => {
    expect(() => unsealJson(sealOf('only one'), { a: `<seal:${nonce}:7:0>` })).toThrow(/names no secret/);
  });
});
