import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testTerminal } from '../support/terminal.ts';

describe('approve --new-key', () => {
  test('makes a key for its owner and a half to share, and never writes over one', async () => {
    const cwd = await temporaryFolder();
    expect(await answered(cwd, 'one.pem')).toMatchObject({ code: 0 });
    const mode = async (name: string) => ((await stat(join(cwd, name))).mode & 0o777).toString(8);
    const shared = (0o644 & ~process.umask()).toString(8);
    expect([await mode('one.pem'), await mode('one.pem.pub')]).toEqual(['600', shared]);
    const key = await readFile(join(cwd, 'one.pem'), 'utf8');
    expect(await told(cwd)).toMatch(/its digest: sha256:[0-9a-f]{64}/);
    const again = await answered(cwd, 'one.pem');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('one.pem: it is there already, and is not written over');
    expect(await readFile(join(cwd, 'one.pem'), 'utf8')).toBe(key);
  });

  test('leaves nothing behind where only the other half is there', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'two.pem.pub'), 'of somebody');
    expect((await answered(cwd, 'two.pem')).stderr).toContain('two.pem.pub: it is there already');
    expect(await readdir(cwd)).toEqual(['two.pem.pub']);
    expect(await readFile(join(cwd, 'two.pem.pub'), 'utf8')).toBe('of somebody');
  });
});

/** What is said of one more key. */
async function told(cwd: string): Promise<string> {
  const terminal = testTerminal({ tty: false, env: { HOME: cwd } });
  await run(['approve', '--new-key', 'more.pem'], { ...terminal.io, cwd });
  return terminal.stdout();
}

async function answered(cwd: string, file: string): Promise<{ code: number; stderr: string }> {
  const terminal = testTerminal({ tty: false, env: { HOME: cwd } });
  const code = await run(['approve', '--new-key', file], { ...terminal.io, cwd });
  return { code, stderr: terminal.stderr() };
}
