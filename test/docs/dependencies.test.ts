import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

test('docs/decisions/0002-dependencies.md has a reason for every package, and none for others', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const page = readFileSync(new URL('docs/decisions/0002-dependencies.md', root), 'utf8');
  const rows = [...page.matchAll(/^\| ([^|]*) \|.*\|$/gm)].map(([, names = '']) => names);
  const reasoned = rows.flatMap((names) => names.split(', ')).filter((name) => name !== 'package');
  expect(reasoned.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});
