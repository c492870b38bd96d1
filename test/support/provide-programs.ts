/** Provides the programs in a process of its own: `node provide-programs.ts FOLDER ASSETS`. Prints each event as a line. */
import { providePrograms } from '../../src/adapters/sandbox/programs.ts';

const [, , folder = '', assets = ''] = process.argv;
await providePrograms({
  folder,
  assets,
  environment: process.env,
  emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  signal: new AbortController().signal,
  sites: false,
});
