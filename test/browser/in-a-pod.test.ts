import { generateKeyPairSync } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { testCluster } from '../support/connect.ts';
import { tlsFront } from '../support/front-door.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';
import { putPlatform } from '../support/platform.ts';
import { runPod } from '../support/pod.ts';
import { eventually, freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { bindInstaller, endingToken } from '../support/service-account.ts';
import { startChromium } from './chromium.ts';

/** As the settings of k8s/base have it. */
const host = 'apps.example.org';
const origin = `https://${host}`;
/** As k8s/components/impersonation names her, for the server and for the API server. */
const anna = 'anna@example.org';

/** As `appstore approve --new-key` makes it. */
function approvalKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

test('the platform as it is shipped, driven by its page, while the token of its account is changed', async () => {
  const provider = await startIdentityProvider({
    people: { [anna]: { groups: ['shop'] } },
    redirectUrls: [`${origin}/login/callback`],
  });
  onTestFinished(() => provider.stop());
  const cluster = await testCluster();
  onTestFinished(() => cluster.close());
  const namespace = await freshNamespace();
  await putPlatform(cluster, namespace, {
    base: 'base',
    components: ['oidc', 'impersonation', 'approvals', 'ingress'],
    settings: [`OIDC_ISSUER=${provider.issuer}`, `OIDC_CLIENT_ID=${provider.clientId}`],
    secrets: {
      'appstore-oidc': { 'client-secret': provider.clientSecret },
      'appstore-session': { key: 'a key that all replicas of this test have' },
      'appstore-approval': { 'approve.pem': approvalKey() },
    },
  });
  await bindInstaller(namespace, { kind: 'Group', name: 'shop' });
  const [first, second] = [
    await endingToken(namespace, 'appstore'),
    await endingToken(namespace, 'appstore'),
  ];
  const pod = await runPod(namespace, 'appstore', { token: first.token, ca: provider.ca });
  expect((await fetch(pod.metrics)).status).toBe(200);

  const browser = await startChromium([
    `--host-resolver-rules=MAP ${host} 127.0.0.1:${await tlsFront(pod.address)}`,
  ]);
  onTestFinished(() => browser.close());
  const page = await browser.newPage({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(60_000);
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const button = (name: string) => page.getByRole('button', { name });
  const link = (name: string | RegExp) => page.getByRole('link', { name });

  await page.goto(`${origin}/`);
  await heading('You are not signed in').waitFor();
  await link('Sign in').click();
  await page.locator('input[name=name]').fill(anna);
  await page.locator('input[name=password]').fill(anna);
  await button('Log in').click();
  await heading('Find an app').waitFor();
  // With the key that is mounted plans can be approved here.
  const session = await page.evaluate<object>(`fetch('/api/v1/session').then((answer) => answer.json())`);
  expect(session).toMatchObject({ approves: true });
  // To the metrics nothing leads from here.
  const statusOf = (path: string) => page.evaluate<number>(`fetch('${path}').then(({ status }) => status)`);
  expect(await statusOf('/metrics')).toBe(404);
  await page.getByRole('searchbox').fill('whoami');
  await link(/^PostgreSQL/).waitFor({ state: 'hidden' });
  await link(/^whoami/i).click();
  await link('Install').click();
  await page.locator('#place-name').fill('hello');
  await page.getByLabel('Space', { exact: true }).fill(namespace);
  await button('Show what will happen').click();
  await page.getByText(/^Makes 1 program that runs/).waitFor();

  // As the kubelet does: the new token is there before the old one ends.
  await pod.rotate(second.token);
  await first.end();
  await button('Install now').click();
  await heading('hello is installed').waitFor();
  const installed = `/apis/apps/v1/namespaces/${namespace}/deployments/hello`;
  await kube('GET', installed);

  await link('My apps').click();
  await page.getByRole('listitem').filter({ hasText: 'hello' }).getByText('Works').waitFor();
  await link('hello').click();
  await link('Remove').click();
  await page.getByText(/^Goes for good/).waitFor();
  await button('Remove now').click();
  await heading('hello is removed').waitFor();
  expect((await kubeAnswer('GET', installed)).status).toBe(404);

  // Without a token that counts the server can do nothing: it has gone by the one that is mounted, and by nothing else.
  await second.end();
  await eventually(async () => (await statusOf(`/api/v1/deployments/${namespace}/hello`)) === 401);
  const { stderr } = pod.written();
  for (const { token } of [first, second]) expect(stderr).not.toContain(token);
  const audit = stderr.split('\n').filter((line) => line.includes('"audit":true'));
  const lines = audit.map((line) => JSON.parse(line) as { operation: string; result: string; who: object });
  expect(lines.map(({ operation, result }) => `${operation} ${result}`)).toEqual([
    'install begun',
    'install done',
    'remove begun',
    'remove done',
  ]);
  for (const { who } of lines) expect(who).toMatchObject({ name: anna, mode: 'impersonation' });
}, 300_000);
