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

/** Characters that every encoding treats in another way. */
const odd = [...'abcXYZ0189 +/=%&?#"\'\\<>@:äß€\u{1f511}'];
const random = (length: number) => [...randomBytes(length)].map((byte) => odd[byte % odd.length]).join('');
const hex = () => randomBytes(12).toString('hex');

/** A secret in every place where an app puts one. */
const everywhere = (secret: string) => ({
  inside: `postgres://u:${secret}@db`,
  url: `db://u:${encodeURIComponent(secret)}@db?${new URLSearchParams({ p: secret })}`,
  shifted: [base64(`u:${secret}`), base64(`us:${secret}!`), `Basic ${base64(`usr:${secret}`)}`],
  dockerConfig: base64(JSON.stringify({ auths: { r: { auth: base64(`user:${secret}`) } } })),
  json: JSON.stringify({ log: JSON.stringify({ secret }) }),
  [base64(secret)]: [secret + secret],
});

describe('random secrets', () => {
  it('are nowhere in what is sealed, in no form, and put back exactly', () => {
    for (let round = 0; round < 200; round++) {
      const secrets = [random(6 + (round % 30)), random(12), `${random(20)}\n${random(20)}`];
      const data = secrets.map(everywhere);
      const sealed = sealJson(sealOf(...secrets), data);
      const text = JSON.stringify(sealed);
      for (const secret of secrets)
        for (const form of [
          secret,
          base64(secret),
          encodeURIComponent(secret),
          JSON.stringify(secret).slice(1, -1),
        ])
          expect(text).not.toContain(form);
      expect(unsealJson(sealOf(...secrets), sealed)).toEqual(data);
    }
  });

  it('that are made later fit in every place, base64 in base64 too', () => {
    for (let round = 0; round < 50; round++) {
      const [first, second] = [hex(), hex()];
      expect(unsealJson(sealOf(second), sealJson(sealOf(first), everywhere(first)))).toEqual(
        everywhere(second),
      );
    }
  });

  it('that overlap leave no rest of either', () => {
    const seal = sealOf('abcdefgh', 'efghijkl');
    const sealed = sealJson(seal, 'x abcdefghijkl y');
    expect(JSON.stringify(sealed)).not.toMatch(/abcd|ijkl/);
    expect(unsealJson(seal, sealed)).toBe('x abcdefghijkl y');
  });
});
