import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newApprovalKey } from '../../src/services/approval.ts';
import { cliJson, textFile } from '../support/cli.ts';
import { type FrontDoor, frontDoor } from '../support/front-door.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { loginFlagsOf, type Replica, startReplica } from '../support/login-replicas.ts';
import { redirectUrl } from '../support/oidc-server.ts';
import { person } from '../support/person.ts';
import { eventually, freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { accountFolder, bindInstaller } from '../support/service-account.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { trustIssuer } from '../support/trusted-issuer.ts';
import { startChromium } from './chromium.ts';
import { desktop, lookAt, soon, watchPages } from './look.ts';

const shop = new URL(redirectUrl).origin;

let provider: IdentityProvider;
let distrust: () => Promise<void>;
let first: Replica;
let second: Replica;
let another: () => Promise<Replica>;
let door: FrontDoor;
let browser: Browser;
let namespace = '';
const running: Replica[] = [];
const { mishaps, watch } = watchPages(
  () => shop,
  () => provider.issuer,
);

beforeAll(async () => {
  const people = { anna: { groups: ['shop'] }, ben: { groups: ['guests'] }, carl: { groups: ['shop'] } };
  provider = await startIdentityProvider({ people, redirectUrls: [redirectUrl] });
  distrust = await trustIssuer(provider);
  namespace = await freshNamespace();
  await bindInstaller(namespace, { kind: 'Group', name: 'oidc:shop' });
  const folder = await accountFolder(namespace);
  const key = await textFile('approvals.pem', newApprovalKey().privateKey);
  const flags = [...(await loginFlagsOf(provider, shop)), '--approval-key', key];
  another = () => startReplica(running, folder, flags);
  [first, second] = await Promise.all([another(), another()]);
  door = await frontDoor(first.address);
  browser = await startChromium([`--host-resolver-rules=MAP apps.example.test 127.0.0.1:${door.port}`]);
  await believed();
});

afterAll(async () => {
  await browser?.close();
  door?.close();
  for (const one of running) one.kill('SIGKILL');
  await Promise.all(running.map(({ done }) => done));
  await distrust?.();
  await provider?.stop();
});

/** The API server reads whom it believes once a minute. */
async function believed(): Promise<void> {
  const early = person(new Map([[new URL(shop).host, first.address]]), provider.ca);
  await early.logIn(`${shop}/login?return=/healthz`, 'anna');
  for (let attempt = 1; attempt <= 50; attempt++) {
    if ((await early.send(`${shop}/api/v1/session`)).status === 200) return;
    await sleep(2000);
  }
  throw new Error('the API server does not believe the provider');
}

/** A browser of one person, who logs in at the provider. */
async function signIn(name: string): Promise<Person> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: desktop,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = watch(await context.newPage());
  await page.goto(shop);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(name);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Find an app' }).waitFor();
  return {
    page,
    button: (label) => page.getByRole('button', { name: label }),
    link: (label) => page.getByRole('link', { name: label }),
    heading: (label) => page.getByRole('heading', { level: 1, name: label }),
    text: (text) => page.getByText(text).first(),
  };
}

interface Person {
  readonly page: Page;
  button(label: string): Locator;
  link(label: string): Locator;
  heading(label: string): Locator;
  text(text: string | RegExp): Locator;
}

const deployment = (name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

/** To the plan of an install, and nothing more. */
async function planInstall({ page, button }: Person, name: string): Promise<void> {
  await page.goto(`${shop}/apps/builtin/whoami/install`);
  await page.locator('#place-name').fill(name);
  await page.getByLabel('Space', { exact: true }).fill(namespace);
  await button('Show what will happen').click();
  await page.getByText(/^Makes /).waitFor();
}

describe('a plan that somebody else has to approve', { timeout: 300_000 }, () => {
  let anna: Person;
  let carl: Person;
  let address = '';

  beforeAll(async () => {
    anna = await signIn('anna');
    carl = await signIn('carl');
  });

  test('is kept instead of carried out, and says who is to be asked', async () => {
    await planInstall(anna, 'hello');
    await anna.text('Later, or with approval of somebody else').click();
    expect(await anna.page.getByLabel('Somebody else has to approve it first').isChecked()).toBe(true);
    await lookAt(anna.page, 'keep-plan');
    await anna.button('Keep the plan').click();
    await anna.heading('Install hello').waitFor();
    await anna.text('waits for approval').waitFor();
    await anna.text(/planned by oidc:anna@example.org,/).waitFor();
    address = anna.page.url();
    await anna.page.getByText(address).waitFor();
    expect(await anna.button('Carry it out now').count()).toBe(0);
    expect(await anna.button('Approve').count()).toBe(0);
    await lookAt(anna.page, 'plan-waits', { all: true });
    expect((await kubeAnswer('GET', deployment('hello'))).status).toBe(404);
  });

  test('is seen by nobody who may not look into its space', async () => {
    const ben = await signIn('ben');
    await ben.page.goto(address);
    await ben.heading('That did not work').waitFor();
    await ben.text('You may not do this').waitFor();
    await ben.page.context().close();
  });

  test('is approved by another person, who may not carry it out then', async () => {
    // He may look into one space only, and says which.
    await carl.link('Plans').click();
    await carl.page.getByLabel('Space', { exact: true }).fill(namespace);
    await carl.button('Show').click();
    await carl.link('Install hello').waitFor();
    await lookAt(carl.page, 'plans', { all: true });
    await carl.link('Install hello').click();
    await carl.text(/^Makes 1 program that runs/).waitFor();
    await carl.text('Technical details').click();
    await carl.text('Deployment/hello').waitFor();
    await lookAt(carl.page, 'plan-to-approve', { all: true });
    await carl.button('Approve').click();
    await carl.text(/^Approved by oidc:carl@example.org/).waitFor();
    await carl.text('You have approved it. Somebody else carries it out.').waitFor();
    expect(await carl.button('Carry it out now').count()).toBe(0);
    expect((await kubeAnswer('GET', deployment('hello'))).status).toBe(404);
  });

  test('is carried out by whoever made it, and does not wait any more', async () => {
    await anna.page.reload();
    await anna.text(/^Approved by oidc:carl@example.org/).waitFor();
    await lookAt(anna.page, 'plan-approved');
    await anna.button('Carry it out now').click();
    await anna.heading('hello is installed').waitFor();
    await kube('GET', deployment('hello'));
    await anna.link('Plans').click();
    await anna.text('No plan waits').waitFor();
    await anna.page.goto(address);
    await anna.heading('This plan is not here any more').waitFor();
  });

  test('is rejected with a reason', async () => {
    await anna.page.goto(`${shop}/mine/${namespace}/hello/upgrade`);
    await anna.page.getByLabel('Replicas', { exact: true }).fill('2');
    await anna.button('Show what will happen').click();
    await anna.text('Later, or with approval of somebody else').click();
    await anna.button('Keep the plan').click();
    await anna.text('waits for approval').waitFor();
    await carl.page.goto(anna.page.url());
    await carl.text('Reject it').click();
    await carl.page.getByLabel('Why not?').fill('One is enough.');
    await carl.button('Reject').click();
    await carl.text(/^Rejected by oidc:carl@example.org/).waitFor();
    await anna.page.reload();
    await anna.text('One is enough.').waitFor();
    expect(await anna.button('Carry it out now').count()).toBe(0);
    await lookAt(anna.page, 'plan-rejected');
    await anna.button('Throw away').click();
    await anna.text('No plan waits').waitFor();
  });

  test('of the command line is opened, approved and carried out here', async () => {
    const file = join(await temporaryFolder(), 'shop.plan');
    await cliJson(['plan', 'builtin/whoami', 'other', '-n', namespace, '--require-approval', '--out', file]);
    await anna.page.goto(`${shop}/plans`);
    await anna.page.locator('input[type=file]').setInputFiles(file);
    await anna.heading('Install other').waitFor();
    await carl.page.goto(anna.page.url());
    await carl.button('Approve').click();
    await carl.text(/^Approved by oidc:carl/).waitFor();
    await anna.page.reload();
    await anna.button('Carry it out now').click();
    await anna.heading('other is installed').waitFor();
  });

  test('that lies about what it does is told by what the cluster says of it', async () => {
    const file = join(await temporaryFolder(), 'lie.plan');
    await cliJson(['plan', 'builtin/whoami', 'liar', '-n', namespace, '--require-approval', '--out', file]);
    const plan = JSON.parse(await readFile(file, 'utf8'));
    const content = JSON.parse(gunzipSync(Buffer.from(plan.content, 'base64')).toString());
    content.plan.objects = [];
    plan.content = gzipSync(JSON.stringify(content)).toString('base64');
    await writeFile(file, JSON.stringify(plan));
    await carl.page.goto(`${shop}/plans`);
    await carl.page.locator('input[type=file]').setInputFiles(file);
    await carl.heading('Install liar').waitFor();
    await carl.text(/^Makes 1 program that runs/).waitFor();
    await carl.button('Throw away').click();
    await carl.text('No plan waits').waitFor();
  });

  test('is saved as a file that the command line reads', async () => {
    await planInstall(anna, 'filed');
    await anna.text('Later, or with approval of somebody else').click();
    const [download] = await Promise.all([
      anna.page.waitForEvent('download'),
      anna.button('Save as a file').click(),
    ]);
    expect(download.suggestedFilename()).toBe('filed.plan');
    const file = join(await temporaryFolder(), 'filed.plan');
    await download.saveAs(file);
    expect(await cliJson(['plan', '--show', file])).toMatchObject({ outcome: 'planned', name: 'filed' });
  });

  test('holds no password: whoever carries it out types it again', async () => {
    await anna.page.goto(`${shop}/apps/builtin/valkey/install`);
    await anna.page.locator('#place-name').fill('cache');
    await anna.page.getByLabel('Space', { exact: true }).fill(namespace);
    await anna.button('Choose my own').click();
    await anna.page.getByLabel('Password', { exact: true }).fill('open-sesame-please');
    await anna.button('Show what will happen').click();
    await anna.text('Later, or with approval of somebody else').click();
    await anna.page.getByLabel('Somebody else has to approve it first').uncheck();
    await anna.button('Keep the plan').click();
    const password = anna.page.getByRole('group', { name: 'Passwords' }).locator('input');
    await password.waitFor();
    expect(await anna.button('Carry it out now').isDisabled()).toBe(true);
    await lookAt(anna.page, 'plan-password');
    await password.fill('close-sesame');
    await password.blur();
    await anna.text('it is not the one that the plan was made with').waitFor();
    await password.fill('open-sesame-please');
    await password.blur();
    await anna.button('Carry it out now').click();
    await anna.heading('cache is installed').waitFor();
    await anna.page.goto(`${shop}/plans`);
    await anna.text('No plan waits').waitFor();
  });

  test('that is not true any more says what moved, and does nothing', async () => {
    await anna.page.goto(`${shop}/mine/${namespace}/hello/upgrade`);
    await anna.page.getByLabel('Replicas', { exact: true }).fill('3');
    await anna.button('Show what will happen').click();
    await anna.text('Later, or with approval of somebody else').click();
    await anna.page.getByLabel('Somebody else has to approve it first').uncheck();
    await anna.button('Keep the plan').click();
    await anna.text('can be carried out').waitFor();
    await anna.button('Carry it out now').waitFor();
    await kube('DELETE', deployment('hello'));
    await anna.page.reload();
    await anna.text('This plan is out of date').waitFor();
    await anna.text(/^Deployment\/.*hello: it was deleted since the plan/).waitFor();
    expect(await anna.button('Carry it out now').count()).toBe(0);
    await lookAt(anna.page, 'plan-stale');
  });
});

describe('replicas that are killed in the middle of an install', { timeout: 300_000 }, () => {
  /** Begins to install an app that takes its time, and kills the replica that does it. */
  async function cutOff({ page, button, heading }: Person, name: string, replica: Replica): Promise<void> {
    const annotations = { 'sandbox.appstore.dev/behaviour': 'slow', 'sandbox.appstore.dev/delay': '20s' };
    const spec = { template: { metadata: { annotations } } };
    const patches = [{ kind: 'Deployment', metadata: { name }, spec }];
    await page.route('**/api/v1/deploy', (route) =>
      route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), patches }) }),
    );
    await planInstall({ page, button } as Person, name);
    await button('Install now').click();
    await heading(`Installing ${name}`).waitFor();
    await eventually(async () => (await kubeAnswer('GET', deployment(name))).status === 200);
    replica.kill('SIGKILL');
    await replica.done;
  }

  test('an open page goes on at the other one by itself, in the name of the same person', async () => {
    const anna = await signIn('anna');
    await cutOff(anna, 'cut', first);
    await anna.text('The server does not answer just now.').waitFor();
    await lookAt(anna.page, 'replica-lost');
    door.leadTo(second.address);
    await anna.text('Taken up again where it was cut.').waitFor();
    await lookAt(anna.page, 'replica-resumed');
    await anna.heading('cut is installed').waitFor();
    const status = (await cliJson(['status', 'cut', '-n', namespace])) as { health: string };
    expect(status.health).toBe('healthy');
    const { items } = (await cliJson(['history', 'cut', '-n', namespace])) as { items: unknown[] };
    expect(items).toHaveLength(1);
    // With her rights: nobody else asked the other replica for anything that writes.
    await expect.poll(() => audit(second).map(({ result }) => result), soon).toEqual(['begun', 'done']);
    expect(audit(second).map(({ who, name }) => [who.name, name])).toEqual([
      ['oidc:anna@example.org', 'cut'],
      ['oidc:anna@example.org', 'cut'],
    ]);
    await anna.page.context().close();
  });

  test('until the page of that person comes again it is shown as interrupted, and nobody else goes on', async () => {
    const [anna, carl] = [await signIn('anna'), await signIn('carl')];
    await cutOff(anna, 'left', second);
    const address = anna.page.url();
    await anna.page.goto('about:blank');
    const third = await another();
    door.leadTo(third.address);
    await carl.page.goto(`${shop}/mine/${namespace}/left`);
    await carl.text('It was interrupted: nobody is working on it any more.').waitFor();
    await lookAt(carl.page, 'interrupted', { all: true });
    await carl.link('My apps').click();
    await carl.page.getByLabel('Space', { exact: true }).fill(namespace);
    await carl.button('Show').click();
    await carl.page.getByRole('listitem').filter({ hasText: 'left' }).getByText('Interrupted').waitFor();
    await lookAt(carl.page, 'mine-interrupted');
    expect(audit(third)).toEqual([]);
    await anna.page.goto(address);
    await anna.text('Taken up again where it was cut.').waitFor();
    await anna.heading('left is installed').waitFor();
    expect(audit(third).map(({ who }) => who.name)).toContain('oidc:anna@example.org');
  });
});

interface AuditLine {
  readonly name: string;
  readonly result: string;
  readonly who: { readonly name: string };
}

/** Who did what at a replica, by its log. */
function audit(replica: Replica): readonly AuditLine[] {
  const lines = replica.written().stderr.split('\n');
  return lines.filter((line) => line.includes('"audit":true')).map((line) => JSON.parse(line) as AuditLine);
}

test('signing out ends the session at the provider, too', { timeout: 300_000 }, async () => {
  const anna = await signIn('anna');
  await anna.page.locator('details.menu summary').click();
  await anna.button('Sign out').click();
  // The provider asks whether it was meant.
  await anna.button('Yes, sign me out').click();
  await anna.heading('You are not signed in').waitFor();
  await anna.link('Sign in').click();
  // Somebody who is still logged in there would come back at once.
  await anna.page.locator('input[name=password]').waitFor();
});

test('nothing went wrong in any page, and nothing was asked of anybody else', () => {
  expect(mishaps).toEqual([]);
});
