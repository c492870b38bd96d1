import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lies, type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { oidcServer, publicUrl } from '../support/oidc-server.ts';

let provider: LyingProvider;
beforeAll(async () => {
  provider = await startLyingProvider();
});
afterAll(() => provider.stop());

/** Logs in at a provider that lies; answers the status of the page that the browser comes back to. */
async function statusWith(lies: Lies, change: (answer: URL) => void = () => undefined): Promise<number> {
  provider.lies = lies;
  const browser = (await oidcServer(provider)).browser();
  const begun = await browser.send(`${publicUrl}/login`);
  const answer = provider.answer(String(begun.headers.location));
  change(answer);
  const { status } = await browser.send(answer.href);
  const { status: afterwards } = await browser.send(`${publicUrl}/api/v1/session`);
  expect(afterwards).toBe(status === 303 ? 200 : 401);
  return status;
}

const now = () => Math.floor(Date.now() / 1000);

describe('a provider that says what is not so', () => {
  it('is believed when it tells the truth', async () => {
    expect(await statusWith({})).toBe(303);
  });

  it.each<[string, Lies]>([
    ['the nonce of another login', { claims: { nonce: 'of-another-login' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['a token for another client', { claims: { aud: 'another-client' } }],
    ['a token for several clients, without saying for whom', { claims: { aud: ['appstore', 'another'] } }],
    ['a token of another issuer', { claims: { iss: 'https://id.example.org' } }],
    ['a token that has ended', { claims: { iat: now() - 7200, exp: now() - 3600 } }],
    ['a token that never ends', { claims: { exp: undefined } }],
    ['a token of nobody', { claims: { sub: undefined } }],
    ['a token signed by somebody else', { foreignKey: true }],
    ['a token that is not signed', { unsigned: true }],
    ['no token', { noIdToken: true }],
  ])('gets nowhere with %s', async (_what, lies) => {
    expect(await statusWith(lies)).toBe(401);
  });

  it.each<[string, (answer: URL) => void]>([
    [
      'the answer of another provider (mix-up)',
      (answer) => answer.searchParams.set('iss', 'https://id.example.org'),
    ],
    ['an answer that does not say of whom it is', (answer) => answer.searchParams.delete('iss')],
    ['another state', (answer) => answer.searchParams.set('state', 'of-another-login')],
    ['no state', (answer) => answer.searchParams.delete('state')],
    ['two states', (answer) => answer.searchParams.append('state', 'another')],
    ['no code', (answer) => answer.searchParams.delete('code')],
    ['an error', (answer) => answer.searchParams.set('error', 'access_denied')],
  ])('a browser gets nowhere with %s', async (_what, change) => {
    expect(await statusWith({}, change)).toBe(401);
  });

  it('cannot put anything of its own into the page that says so', async () => {
    const browser = (await oidcServer(provider)).browser();
    const begun = await browser.send(`${publicUrl}/login`);
    const answer = provider.answer(String(begun.headers.location));
    answer.searchParams.set('error', '<script>alert(1)</script>');
    const page = await browser.send(answer.href);
    expect(page.status).toBe(401);
    expect(page.text).not.toContain('<script');
  });
});
