import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { writeLargeIndex } from './bench/large-index.ts';
import { wholeNumber } from './bench/whole-number.ts';

/**
 * Measures the whole process of `appstore search` over the built-in catalog, and over a Helm repository of 15,000 charts with 200,000 versions as
 * well, beside an empty Node:
 * `node scripts/bench-search.ts [RUNS]`, after `npm run build`.
 */
const runs = wholeNumber('RUNS', process.argv[2] ?? '9', 100);
const program = join(import.meta.dirname, '..', 'bin', 'appstore.js');
const home = await mkdtemp(join(tmpdir(), 'appstore-bench-'));
const env = { PATH: process.env.PATH, HOME: home };
const file = join(home, 'index.yaml');

try {
  for (const args of [
    ['-e', '0'],
    [program, 'search', 'database'],
  ])
    console.log(`${args.slice(1).join(' ').padEnd(34)} ${median(args)} ms`);
  await writeLargeIndex(file, { apps: 15_000, versions: 200_000 });
  const server = createServer((_request, response) => void createReadStream(file).pipe(response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const began = performance.now();
  const adding = spawn(process.execPath, [program, 'catalog', 'add', 'large', `http://127.0.0.1:${port}`], {
    env,
    stdio: 'inherit',
  });
  await once(adding, 'exit');
  console.log(
    `index of ${Math.round((await stat(file)).size / 1e6)} MB read in ${Math.round(performance.now() - began)} ms`,
  );
  server.close();
  for (const text of ['redis', 'zookeper gateway', 'acme-mysql-proxy-241'])
    console.log(`search ${text}`.padEnd(34), `${median([program, 'search', ...text.split(' ')])} ms`);
} finally {
  await rm(home, { recursive: true });
}

function median(args: readonly string[]): number {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    const { status } = spawnSync(process.execPath, args, { env });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
    return performance.now() - began;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0);
}
