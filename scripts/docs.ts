import { readFile, writeFile } from 'node:fs/promises';
import { differences, generatedPages } from './docs/pages.ts';

// Writes the generated pages anew; with `--check` it only says which are out of date, and fails.

const root = new URL('../', import.meta.url);
const check = process.argv.includes('--check');

for (const [path, text] of Object.entries(generatedPages())) {
  const file = new URL(path, root);
  if (!check) {
    await writeFile(file, text);
    continue;
  }
  const present = await readFile(file, 'utf8').catch(() => '');
  const different = differences(path, present, text);
  if (different === '') continue;
  process.stderr.write(`${different}\n`);
  process.exitCode = 1;
}
