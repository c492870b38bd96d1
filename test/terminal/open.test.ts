import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { OpenLink, Rendered } from '../../src/domain/rendered.ts';
import { newOperation } from '../../src/services/operation.ts';
import { status } from '../../src/services/status.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testTerminal } from '../support/terminal.ts';

/** What `open` says, and hands to the system, of a record that others may have edited. */

const at = { namespace: 'shop', name: 'one' };
const password = 'correct horse battery staple';
const schema = { type: 'object', properties: { password: { type: 'string', format: 'password' } } };

let cluster: MemoryCluster;
let harness: ChangeHarness;

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  const app = { version: '1.0.0', schema, objects: () => [configMap('one')] };
  harness = changeHarness({ cluster, ...at, app });
  await harness.install({ given: { values: { password }, secretRefs: [] } });
});

/** Revision 2, as somebody writes it who may edit the namespace; pending, or at its end. */
async function forge(open: unknown, ends = true): Promise<void> {
  const { records } = harness.deps;
  const record = await records.read(at.namespace, at.name);
  if (record === undefined) throw new Error('no record');
  const { content, package: files } = await records.whole(record, 1);
  const begun = await records.begin({
    ...at,
    record,
    operation: newOperation(harness.deps, 'upgrade', 2, { holder: 'mallory' }),
    content: { ...content, number: 2, rendered: { ...content.rendered, open } as Rendered },
    package: files,
    inventory: record.inventory,
  });
  const { inventory } = record;
  const finishedAt = new Date().toISOString();
  if (ends) await records.finish(begun, { result: 'deployed', finishedAt, inventory, keep: 10 });
}

async function opened(...flags: readonly string[]) {
  const home = await temporaryFolder();
  const terminal = testTerminal({ env: { HOME: home, XDG_CACHE_HOME: home } });
  const pages: string[] = [];
  const code = await run(['open', at.name, '-n', at.namespace, ...flags], terminal.io, {
    connect: async () => cluster,
    openBrowser: async (url) => void pages.push(url),
  });
  return { code, pages, out: terminal.stdout(), said: terminal.stderr() };
}

const page = (url: string): OpenLink[] => [{ title: 'Page', url }];
const notOpened = 'It is not opened: only web addresses are, and only as they are shown.';

describe('open', () => {
  test('shows a web address and hands it to the browser as it is', async () => {
    await forge(page('https://shop.example.com/start?a=1&b=2'));
    const { code, pages, out, said } = await opened();
    expect([code, pages, out]).toEqual([
      0,
      ['https://shop.example.com/start?a=1&b=2'],
      'https://shop.example.com/start?a=1&b=2\n',
    ]);
    expect(said).not.toMatch(/Warning|masked|not opened/);
    expect((await opened('--no-browser')).pages).toEqual([]);
  });

  test.each([
    ['javascript:alert(1)', 'a script'],
    ['file:///etc/passwd', 'a file'],
    ['--help', 'a flag of the opener'],
    [' https://shop.example.com', 'a page behind a blank'],
  ])('hands %j to nobody: %s', async (url) => {
    await forge(page(url));
    const { code, pages, said } = await opened();
    expect([code, pages]).toEqual([0, []]);
    expect(said).toContain(notOpened);
  });

  test.each([
    [
      'control sequences',
      'https://shop.example.com/\u001b]0;owned\u0007\u001b[2Jx',
      'https://shop.example.com/x\n',
    ],
    ['a turned direction', 'https://shop.example.com/\u202egpj.exe', 'https://shop.example.com/gpj.exe\n'],
    [
      'more than fits',
      `https://shop.example.com/${'a'.repeat(3000)}`,
      /^https:\/\/shop\.example\.com\/a{2022}…\n$/,
    ],
  ])(
    'says so where it shows an address without what was in it, %s, and does not open it',
    async (_what, url, shown) => {
      await forge(page(url));
      const { pages, out, said } = await opened();
      expect(pages).toEqual([]);
      if (typeof shown === 'string') expect(out).toBe(shown);
      else expect(out).toMatch(shown);
      expect(said).toContain('Warning: the address is too long or holds what cannot be shown');
      expect(said).toContain(notOpened);
    },
  );

  test('masks a secret in the address, and says so; the browser gets it whole, status and JSON do not (row 24)', async () => {
    const token = encodeURIComponent(password);
    await forge(page(`https://shop.example.com/?token=${token}`));
    const { pages, out, said } = await opened();
    expect(out).toBe('https://shop.example.com/?token=********\n');
    expect(said).toContain('The address holds a secret of the app: it is shown masked.');
    expect(pages).toEqual([`https://shop.example.com/?token=${token}`]);
    const json = await opened('-o', 'json', '--no-browser');
    expect(JSON.parse(json.out)).toMatchObject({
      kind: 'Link',
      url: 'https://shop.example.com/?token=********',
    });
    const report = await status(harness.deps, at, new AbortController().signal);
    expect(report.open).toEqual(page('https://shop.example.com/?token=********'));
  });

  test('tells of an operation that was cut, and who began it (row 1)', async () => {
    await forge(page('https://shop.example.com'), false);
    const { said } = await opened('--no-browser');
    expect(said).toContain('Warning: one: upgrade to revision 2, begun');
    expect(said).toContain(
      'by mallory, is not finished.\n  If it was cut: `appstore upgrade one -n shop` goes on,',
    );
  });

  test.each([
    ['a number for an address', [{ title: 'x', url: 1 }]],
    ['no title', [{ url: 'https://shop.example.com' }]],
    ['a scheme that is more than one', [service({ scheme: 'https://evil.example/#' })]],
    ['a path that is none', [service({ path: {} })]],
    ['no list', 'https://shop.example.com'],
  ])('refuses a record with %s as damaged, and so does status', async (_what, open) => {
    await forge(open);
    const { code, said, pages } = await opened();
    expect([code, pages]).toEqual([1, []]);
    expect(said).toContain('[RECORD_INVALID]');
    const report = await status(harness.deps, at, new AbortController().signal);
    expect(report.problems[0]?.message).toMatch(/^addresses, outputs and notes are left out: .*damaged/);
  });
});

function service(more: object): object {
  return { title: 'x', service: { name: 'one', port: 80, path: '/', scheme: 'http', ...more } };
}
