import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cliPage } from '../../scripts/docs/cli-page.ts';
import { differences, generatedPages } from '../../scripts/docs/pages.ts';
import { commands } from '../../src/cli/tree.ts';

const root = new URL('../../', import.meta.url);

describe('generated pages', () => {
  it.each(Object.entries(generatedPages()))('%s is as `npm run docs` makes it', async (path, expected) => {
    const present = await readFile(new URL(path, root), 'utf8');
    expect(differences(path, present, expected)).toBe('');
  });

  it('names every command that is not hidden, and no other', () => {
    const text = cliPage(commands);
    for (const { name, hidden } of commands)
      expect([name, text.includes(`### appstore ${name}\n`)]).toEqual([name, hidden !== true]);
  });

  it('tells a page that is out of date by its lines', () => {
    expect(differences('docs/x.md', 'same\nold\n', 'same\nnew\n')).toBe(
      'docs/x.md is out of date; run `npm run docs`:\n- old\n+ new',
    );
  });

  it('keeps a bar inside the cell of its table', () => {
    const flag = { flags: '--on <a|b>', description: 'one | other', group: 'Output:' };
    const text = cliPage([{ name: 'x', summary: 'x', group: 'Other:', flags: [flag] }]);
    expect(text).toContain('| `--on <a\\|b>` | one \\| other |');
  });
});
