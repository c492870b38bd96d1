import { type ChildProcess, execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { PROGRAM_NAMES, PROGRAMS, versionFits } from '../../../src/adapters/sandbox/program-table.ts';
import { cacheFolder, type ProgramOptions, providePrograms } from '../../../src/adapters/sandbox/programs.ts';
import type { SandboxEvent } from '../../../src/services/sandboxes.ts';
import { sandboxAssets } from '../../support/sandbox-parts.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const VERSION_LINES: Readonly<Record<string, (version: string) => string>> = {
  etcd: (version) => `etcd Version: ${version}`,
  kwok: (version) => `kwok version v${version} go1.26 (linux/amd64)`,
};

/** A program that can only tell its version. */
async function fakeProgram(folder: string, name: string, version: string): Promise<string> {
  const line = (VERSION_LINES[name] ?? ((v: string) => `Kubernetes v${v}`))(version);
  return script(folder, name, `echo "${line}"`);
}

async function script(folder: string, name: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Stands in for Go: counts its runs, takes its time while there is a file `hold`, and makes what it is asked for. */
async function fakeGo(folder: string): Promise<string> {
  return script(
    folder,
    'go',
    `case "$1" in
list) echo fmt; echo net/http; echo k8s.io/api/core/v1 ;;
build)
  echo run >> "${folder}/runs"
  echo fmt >&2
  while [ -e "${folder}/hold" ]; do sleep 0.1; done
  while [ "$1" != -o ]; do shift; done
  out=$2; shift 2
  for package in "$@"; do
    name=$(echo "$package" | sed 's,/v[0-9]*$,,; s,.*/,,')
    printf '#!/bin/sh\\necho built' > "$out$name"; chmod 755 "$out$name"
  done ;;
esac`,
  );
}

async function provide(options: Partial<ProgramOptions> & Pick<ProgramOptions, 'environment'>) {
  const events: SandboxEvent[] = [];
  const folder = options.folder ?? (await temporaryFolder());
  const paths = await providePrograms({
    folder,
    assets: sandboxAssets,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    sites: false,
    ...options,
  });
  return { paths, events };
}

test('KUBEBUILDER_ASSETS comes before PATH, PATH before the cache', async () => {
  const [assets, onPath, folder] = [
    await temporaryFolder(),
    await temporaryFolder(),
    await temporaryFolder(),
  ];
  const inAssets = await fakeProgram(assets, 'etcd', '3.6.1');
  await fakeProgram(onPath, 'etcd', '3.6.2');
  const first = await fakeProgram(onPath, 'kwok', '0.8.3');
  for (const name of PROGRAM_NAMES) await fakeProgram(cacheFolder(folder), name, PROGRAMS[name].version);
  const { paths, events } = await provide({
    folder,
    environment: { KUBEBUILDER_ASSETS: assets, PATH: `${onPath}:/bin` },
  });
  expect(paths).toMatchObject({ etcd: inAssets, kwok: first });
  expect(paths['kube-apiserver']).toBe(join(cacheFolder(folder), 'kube-apiserver'));
  expect(events.map((event) => event.type === 'program' && [event.program, event.from])).toEqual([
    ['etcd', 'KUBEBUILDER_ASSETS'],
    ['kube-apiserver', 'cache'],
    ['kube-controller-manager', 'cache'],
    ['kube-scheduler', 'cache'],
    ['kwok', 'PATH'],
  ]);
});

test('a program of another minor version, or that does not run, is passed over with a reason', async () => {
  const [onPath, folder] = [await temporaryFolder(), await temporaryFolder()];
  for (const name of PROGRAM_NAMES) await fakeProgram(cacheFolder(folder), name, PROGRAMS[name].version);
  await fakeProgram(onPath, 'kube-apiserver', '1.33.0');
  await script(onPath, 'etcd', 'exit 1');
  await script(onPath, 'kwok', 'echo hello');
  const { paths, events } = await provide({ folder, environment: { PATH: `${onPath}:/bin` } });
  expect(Object.values(paths).map(dirname)).toEqual(PROGRAM_NAMES.map(() => cacheFolder(folder)));
  const skipped = events
    .filter((event) => event.type === 'skipped')
    .map(({ program, reason }) => [program, reason]);
  expect(skipped).toEqual([
    ['etcd', expect.stringMatching(/^it does not run: /)],
    ['kube-apiserver', 'version 1.33.0, not like 1.36.3'],
    ['kwok', 'it does not tell its version as expected'],
  ]);
});

test('what is on no place is built, with progress, and found in the cache next time', async () => {
  const [tools, folder] = [await temporaryFolder(), await temporaryFolder()];
  await fakeGo(tools);
  const environment = { PATH: `${tools}:/usr/bin:/bin` };
  const { paths, events } = await provide({ folder, environment });
  expect(Object.keys(paths).sort()).toEqual([...PROGRAM_NAMES].sort());
  expect(events.findLast((event) => event.type === 'build')).toMatchObject({ packages: 1, total: 3 });
  expect((await readdir(cacheFolder(folder))).sort()).toEqual([...PROGRAM_NAMES].sort());
  expect(await readdir(folder)).not.toContain('unfinished');
  const again = await provide({ folder, environment });
  expect(again.events.map((event) => event.type === 'program' && event.from)).toEqual(
    PROGRAM_NAMES.map(() => 'cache'),
  );
  expect(await readFile(join(tools, 'runs'), 'utf8')).toBe('run\n');
});

test('two processes at once build once; the second one waits and says so', async () => {
  const [tools, folder] = [await temporaryFolder(), await temporaryFolder()];
  await fakeGo(tools);
  const child = resolve(import.meta.dirname, '../../support/provide-programs.ts');
  const env = { PATH: `${tools}:/usr/bin:/bin` };
  const hold = join(tools, 'hold');
  await writeFile(hold, '');
  const first = execFile(process.execPath, [child, folder, sandboxAssets], { env });
  const builder = output(first);
  await builder.says('"type":"build","packages":1');
  const second = output(execFile(process.execPath, [child, folder, sandboxAssets], { env }));
  await second.says(`"type":"waiting","reason":"process ${first.pid} makes the programs"`);
  await rm(hold);
  await Promise.all([builder.says('"from":"build"'), second.says('"from":"cache"')]);
  expect(await readFile(join(tools, 'runs'), 'utf8')).toBe('run\n');
});

/** Waits for what a process prints; fails where it ends without having printed it. */
function output(child: ChildProcess) {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const says = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => text.includes(wanted) && resolve();
      child.stdout?.on('data', look);
      child.once('close', () => reject(new Error(`never said ${wanted}: ${text}`)));
      look();
    });
  return { says };
}

test('where nothing helps, the error names every way and why it failed', async () => {
  const tools = await temporaryFolder();
  await expect(provide({ environment: { PATH: tools } })).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    message: expect.stringContaining('etcd, kube-apiserver'),
    hint: expect.stringMatching(/KUBEBUILDER_ASSETS.*dl\.k8s\.io.*Go 1\.26/),
    problems: [
      { at: 'KUBEBUILDER_ASSETS, PATH', message: expect.stringContaining('kubernetes 1.36.3') },
      { at: 'download', message: 'turned off' },
      { at: 'go build', message: 'go is not on PATH' },
    ],
  });
  await script(tools, 'go', 'echo "go: no module for you" >&2; exit 1');
  await expect(provide({ environment: { PATH: tools } })).rejects.toMatchObject({
    problems: expect.arrayContaining([{ at: 'go build', message: 'go list failed: go: no module for you' }]),
  });
});

test('a minor version fits, whatever the patch', () => {
  expect(versionFits(PROGRAMS['kube-apiserver'], '1.36.9')).toBe(true);
  expect(versionFits(PROGRAMS['kube-apiserver'], '1.37.0')).toBe(false);
});

test('go.mod builds the versions that are downloaded', async () => {
  const module = await readFile(join(sandboxAssets, 'go.mod'), 'utf8');
  const versions = {
    'go.etcd.io/etcd/server/v3': 'etcd',
    'k8s.io/kubernetes': 'kube-apiserver',
    'sigs.k8s.io/kwok': 'kwok',
  } as const;
  for (const [path, name] of Object.entries(versions)) {
    expect(module).toContain(`\t${path} v${PROGRAMS[name].version} `);
  }
  for (const name of PROGRAM_NAMES) expect(module).toContain(`\t${PROGRAMS[name].goPackage}\n`);
});
