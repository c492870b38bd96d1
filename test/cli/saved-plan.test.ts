import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, inject, it } from 'vitest';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';

const schema = new URL('../../docs/schema/plan.v1.json', import.meta.url);
const newFile = (kind: string) => join(inject('sandbox').home, `${kind}-${randomBytes(6).toString('hex')}`);

/** Somebody who may read everything in a namespace but write nothing. */
async function reader(namespace: string): Promise<string> {
  const user = `reader-${randomBytes(4).toString('hex')}`;
  const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
  await kube('POST', `${root}/roles`, { metadata: { name: user }, rules });
  await kube('POST', `${root}/rolebindings`, {
    metadata: { name: user },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
  return userKubeconfig({ user, namespace });
}

describe('a plan as a file', { concurrent: true }, () => {
  it('is made by who may only read, and carried out by another', async () => {
    const namespace = await freshNamespace();
    await cliJson(['install', 'postgres', 'db', '-n', namespace]);
    const before = await written(namespace);
    const file = newFile('plan');
    const as = ['--kubeconfig', await reader(namespace)];
    const made = await cli([
      'plan',
      'postgres',
      'db',
      '-n',
      namespace,
      '--set',
      'parameters.max_connections="200"',
      '--out',
      file,
      ...as,
    ]);
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`appstore upgrade --plan ${file}`),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { stdout: password } = await cli(['credentials', 'db', 'password', '-n', namespace]);
    expect(password.trim().length).toBeGreaterThan(10);
    expect(await readFile(file, 'utf8')).not.toContain(password.trim());
    expect(Object.keys(await written(namespace)).length).toBe(Object.keys(before).length + 2);

    const mine = await cliError(['upgrade', '--plan', file, ...as]);
    expect([mine.exit, mine.error.code]).toEqual([7, 'FORBIDDEN']);
    expect(await cliJson(['upgrade', '--plan', file])).toMatchObject({ outcome: 'changed', revision: 2 });
    const again = await cliError(['upgrade', '--plan', file]);
    expect([again.exit, again.error.code]).toEqual([5, 'PLAN_STALE']);
  });

  it('is shown without a cluster, and waits for its approval', async () => {
    const namespace = await freshNamespace();
    const [file, key] = [newFile('plan'), newFile('key')];
    const made = await cli(['plan', 'whoami', '-n', namespace, '--out', file, '--require-approval']);
    expect(made.stderr).toMatch(/approved first: appstore approve \S+ --key FILE\nThen carry it out with:/);
    const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(schema, 'utf8')));
    expect(validate(JSON.parse(await readFile(file, 'utf8'))) || validate.errors).toBe(true);
    const nowhere = { env: { KUBECONFIG: '/nowhere' } };
    const shown = (await cli(['plan', '--show', file, '-v'], nowhere)).stdout;
    expect(shown).toContain(`+ Deployment/${namespace}/whoami`);
    expect(shown).toMatch(/\.spec\.replicas: \d[\s\S]*Images:\n {2}\S*whoami/);
    expect(shown).toContain('It demands an approval. Nobody has approved it.');
    const early = await cliError(['install', '--plan', file]);
    expect([early.exit, early.error.code]).toEqual([7, 'PLAN_NOT_APPROVED']);

    await cliJson(['approve', '--new-key', key], nowhere);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    const approval = await cliJson(['approve', file, '--key', key, '--as', 'ann'], nowhere);
    expect(approval).toMatchObject({ kind: 'PlanApproval', approvals: [{ by: 'ann' }] });
    const open = await cliError(['install', '--plan', file, '--approved-by', key]);
    expect([open.exit, open.error.hint]).toEqual([2, expect.stringContaining('FILE.pub')]);
    const signed = await readFile(file, 'utf8');
    await writeFile(file, signed.replace('"createNamespace": false', '"createNamespace": true'));
    const forged = await cliError(['install', '--plan', file, '--approved-by', `${key}.pub`]);
    expect([forged.exit, forged.error.code]).toEqual([7, 'PLAN_NOT_APPROVED']);
    await writeFile(file, signed);
    expect(await cliJson(['install', '--plan', file, '--approved-by', `${key}.pub`])).toMatchObject({
      outcome: 'changed',
      name: 'whoami',
      namespace,
    });
  });

  it('takes no app, no other values and no other operation beside it', async () => {
    const namespace = await freshNamespace();
    const file = newFile('plan');
    await cliJson(['plan', 'whoami', '-n', namespace, '--out', file]);
    for (const argv of [
      ['install', 'whoami', '--plan', file],
      ['upgrade', '--plan', file],
      ['install', '--plan', file, '--set', 'replicas=2'],
      ['install', '--plan', file, '-n', 'default'],
      ['install'],
    ]) {
      const { exit, error } = await cliError(argv);
      expect([argv, exit, error.code]).toEqual([argv, 2, 'USAGE']);
    }
    await writeFile(file, '{"kind":"PlanFile"}');
    expect((await cliError(['install', '--plan', file])).error.code).toBe('PLAN_INVALID');
    expect(Object.keys(await written(namespace))).toEqual([]);
  });
});
