import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { chartFolder } from '../support/charts/life.ts';
import { cli, cliJson } from '../support/cli.ts';
import { freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Passwords that charts make themselves: they stay with the volumes (decision 0039), and are shown nowhere. */
const longest = 180_000;

interface Told {
  readonly outcome: string;
  readonly plan: {
    readonly objects: readonly { readonly kind: string; readonly action: string; readonly reason: string }[];
    readonly warnings: readonly { readonly message: string }[];
  };
  readonly left: readonly {
    readonly ref: { readonly kind: string; readonly name: string };
    readonly reason: string;
  }[];
}

let namespace: string;
beforeAll(async () => {
  namespace = await freshNamespace();
});

const run = async (...argv: string[]) => (await cliJson([...argv, '-n', namespace])) as Told;
const secretPath = (name: string) => `/api/v1/namespaces/${namespace}/secrets/${name}`;
async function passwordOf(name: string, key: string): Promise<string> {
  const { data } = await kube('GET', secretPath(name));
  return Buffer.from(String((data as Record<string, string>)[key]), 'base64').toString();
}

test.each([
  ['database', 'database', 'password', 'looks its password up'],
  ['telltale', 'postgres', 'postgres-password', 'makes a new one every time'],
])(
  '%s: the password stays with the volumes and opens them after a new install',
  async (chart, part, key) => {
    const name = `${chart}-1`;
    const secret = `${name}-${part}`;
    await run('install', chartFolder(chart), name);
    const password = await passwordOf(secret, key);
    expect(password).toMatch(/^[A-Za-z0-9]{20,24}$/);

    const removed = await run('remove', name, '--yes');
    expect(removed.left).toContainEqual(
      expect.objectContaining({ reason: 'it holds passwords that open the volumes' }),
    );
    expect(await passwordOf(secret, key)).toBe(password);

    const again = await run('install', chartFolder(chart), name);
    expect(await passwordOf(secret, key)).toBe(password);
    expect(JSON.stringify(again.plan.warnings)).toContain(
      `Secret/${namespace}/${secret} of an earlier installation`,
    );
    expect(again.plan.objects.find(({ kind }) => kind === 'Secret')?.reason).toContain(
      'earlier installation',
    );
    expect(await run('upgrade', name, chartFolder(chart))).toMatchObject({ outcome: 'unchanged' });
    expect(await passwordOf(secret, key)).toBe(password);

    await run('remove', name, '--yes', '--purge-data');
    expect((await kubeAnswer('GET', secretPath(secret))).status).toBe(404);
  },
  longest,
);

test(
  "somebody else's Secret in its place is refused as ever",
  async () => {
    await kube('POST', `/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'other-database' },
      data: { password: Buffer.from('of another').toString('base64') },
    });
    const { code, stderr } = await cli(['install', chartFolder('database'), 'other', '-n', namespace]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('OBJECT_ADOPTABLE');
    expect(await passwordOf('other-database', 'password')).toBe('of another');
  },
  longest,
);

test(
  'a password that the chart made is masked in arguments, environment, ConfigMaps and URLs; words and ports are not',
  async () => {
    const chart = chartFolder('telltale');
    const planned = await cli(['plan', chart, 'masked', '-n', namespace, '-v']);
    const installed = await cli(['install', chart, 'masked', '-n', namespace, '-v', '-o', 'json']);
    const password = await passwordOf('masked-postgres', 'postgres-password');
    const shown = [
      planned,
      installed,
      await cli(['get', 'masked', 'manifest', '-n', namespace]),
      await cli(['why', 'masked', '-n', namespace]),
      await cli(['upgrade', 'masked', chart, '--dry-run', '-n', namespace, '--set', 'message=bye', '-v']),
      await cli(['history', 'masked', '-n', namespace, '-o', 'json']),
      await cli(['status', 'masked', '-n', namespace, '-o', 'json']),
    ];
    const file = join(await temporaryFolder(), 'saved.plan');
    const saved = await cli(['plan', chart, 'saved', '-n', namespace, '--out', file]);
    expect(saved.stdout + saved.stderr).toContain('the plan holds a secret that the package made');
    const encoded = Buffer.from(`postgres:${password}`).toString('base64');
    expect(shown.map(({ code }) => code)).toEqual(shown.map(() => 0));
    for (const { stdout, stderr } of shown) {
      expect(stdout + stderr).not.toContain(password);
      expect(stdout + stderr).not.toContain(encoded.slice(14, -4));
    }
    const manifest = shown[2]?.stdout ?? '';
    expect(manifest).toContain('--password=********');
    expect(manifest).toContain('postgres://postgres:********@masked-postgres:5432/postgres');
    expect(manifest).toContain('image: example.com/postgres:16');
    expect(manifest).toContain('--admin=true');
    const { data } = await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/masked-settings`);
    expect(JSON.stringify(data)).toContain(password);
  },
  longest,
);
