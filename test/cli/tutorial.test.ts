import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { cli, textFile } from '../support/cli.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';

interface Step {
  readonly command: readonly string[];
  /** The lines that the page shows beneath it; `...` stands for what it leaves out. */
  readonly shown: string;
}

const page = await readFile(new URL('../../docs/packages.md', import.meta.url), 'utf8');
const tutorial = page.slice(page.indexOf('## Ten minutes'), page.indexOf('## app.yaml'));

/** Commands in a part of the page, with what they print: lines that are set in by four. */
function stepsIn(text: string): Step[] {
  const lines = (text.replace(/```yaml\n[^`]*```/g, '').match(/^ {4}.*\n(?:\n(?= {4}))*/gm) ?? []).join('');
  return lines
    .replace(/^ {4}/gm, '')
    .split(/^\$ /m)
    .filter((step) => step.startsWith('appstore ') && !step.startsWith('appstore sandbox '))
    .map((step) => {
      const [line = '', ...shown] = step.trimEnd().split('\n');
      const words = line.match(/'[^']*'|\S+/g) ?? [];
      return { command: words.slice(1), shown: shown.join('\n') };
    });
}

function shownAs(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\\\.\\\.\\\.\n?/g, '[^]*?')}$`, 'm');
}

test('the tutorial of docs/packages.md, word by word', async () => {
  const namespace = await freshNamespace();
  const config = JSON.parse(await readFile(testKubeconfig(), 'utf8'));
  config.contexts[0].context.namespace = namespace;
  const env = { KUBECONFIG: await textFile('config', JSON.stringify(config)) };
  const cwd = await mkdtemp(join(inject('sandbox').home, 'tutorial-'));
  await mkdir(join(cwd, 'hello'));
  await mkdir(join(cwd, 'mycatalog'));

  let done = 0;
  let app = '';
  for (const part of tutorial.split(/(?=```yaml)|(?=^With `values\.replcas`|^### )/m)) {
    app = /^```yaml\n([^`]*)```/.exec(part)?.[1] ?? app;
    const text = part.includes('With `values.replcas`')
      ? app.replace('values.replicas', 'values.replcas')
      : app;
    await writeFile(join(cwd, 'hello', 'app.yaml'), text);
    await cp(join(cwd, 'hello'), join(cwd, 'mycatalog', 'hello'), { recursive: true });
    for (const { command, shown } of stepsIn(part)) {
      const agreed = command[0] === 'remove' ? ['--yes'] : [];
      const { code, stdout, stderr } = await cli([...command, ...agreed], { env, cwd });
      const told = `${stderr}${stdout}`.replaceAll(cwd, '/home/ann').replaceAll(namespace, 'default');
      expect(told).toMatch(shownAs(shown));
      expect([command.join(' '), code === 0]).toEqual([command.join(' '), !shown.includes('Error: ')]);
      done++;
    }
  }
  expect(done).toBe(11);
});
