/**
 * `npm run pack [-- --out DIR --platforms all|this]`: the packages that are published: the program, which needs nothing else, and one
 * package a platform with the helper that renders Helm charts fast, of which npm takes the one that fits. Where it takes none, the
 * engine in WebAssembly, which the program brings, does the same.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { engineFiles } from '../src/adapters/render/helm/choose.ts';
import { helperPackage } from '../src/adapters/render/helm/helper-package.ts';
import { defaultCache } from '../test/support/sandbox-parts.ts';
import { bundle } from './build.ts';
import { type BuildOptions, crossBuild, provideEngine } from './helm-engine/build.ts';
import { buildStorefront } from './storefront.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

/** Node's names of a platform, and Go's. */
interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly GOOS: string;
  readonly GOARCH: string;
}

const platforms: readonly Platform[] = [
  { os: 'linux', cpu: 'x64', GOOS: 'linux', GOARCH: 'amd64' },
  { os: 'linux', cpu: 'arm64', GOOS: 'linux', GOARCH: 'arm64' },
  { os: 'darwin', cpu: 'x64', GOOS: 'darwin', GOARCH: 'amd64' },
  { os: 'darwin', cpu: 'arm64', GOOS: 'darwin', GOARCH: 'arm64' },
  { os: 'win32', cpu: 'x64', GOOS: 'windows', GOARCH: 'amd64' },
];

const nameOf = ({ os, cpu }: Platform): string => helperPackage(os, cpu).name;
const isThis = ({ os, cpu }: Platform): boolean => os === process.platform && cpu === process.arch;

/** The platform that this runs on, where it is one of them. */
export const thisPlatform = (): readonly Platform[] => platforms.filter(isThis);

/** Writes the packages; answers their files, the program first. */
export async function pack(out: string, which: readonly Platform[]): Promise<readonly string[]> {
  const options: BuildOptions = {
    cache: defaultCache(),
    environment: process.env,
    signal: new AbortController().signal,
    tell: (line) => console.error(line),
  };
  const built = await provideEngine(options);
  if (built === undefined) throw new Error('there is no go on PATH to build the engine for Helm charts with');
  const stage = await mkdtemp(join(tmpdir(), 'appstore-pack-'));
  try {
    await mkdir(out, { recursive: true });
    const packed = [await packProgram(join(stage, 'appstore'), built, out)];
    for (const platform of which)
      packed.push(await packHelper(join(stage, nameOf(platform)), platform, built, options, out));
    return packed;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The program: the bundle has all that it needs, so that nothing is installed beside it but the helper. */
async function packProgram(folder: string, built: string, out: string): Promise<string> {
  for (const path of [
    'bin',
    'catalog',
    'docs/schema',
    'src/adapters/sandbox/programs',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
  ])
    await cp(join(root, path), join(folder, path), { recursive: true });
  await bundle(join(folder, 'dist'));
  await buildStorefront(join(folder, 'dist', 'storefront'));
  await mkdir(join(folder, 'dist', 'helm'), { recursive: true });
  await copyFile(join(built, engineFiles.wasm), join(folder, 'dist', 'helm', engineFiles.wasm));
  const {
    devDependencies: _dev,
    dependencies: _bundled,
    scripts: _scripts,
    allowScripts: _allowed,
    ...rest
  } = packageJson;
  const optionalDependencies = Object.fromEntries(platforms.map((one) => [nameOf(one), packageJson.version]));
  return packFolder(folder, { ...rest, optionalDependencies }, out);
}

async function packHelper(
  folder: string,
  platform: Platform,
  built: string,
  options: BuildOptions,
  out: string,
): Promise<string> {
  const { file } = helperPackage(platform.os, platform.cpu);
  await mkdir(folder);
  if (isThis(platform)) await copyFile(join(built, engineFiles.native), join(folder, file));
  else await crossBuild(join(folder, file), { GOOS: platform.GOOS, GOARCH: platform.GOARCH }, options);
  await chmod(join(folder, file), 0o755);
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const { version, license } = packageJson;
  const description = `Renders Helm charts for appstore on ${platform.os} ${platform.cpu}`;
  const about = { name: nameOf(platform), version, description, license };
  return packFolder(folder, { ...about, os: [platform.os], cpu: [platform.cpu], files: [file] }, out);
}

async function packFolder(folder: string, about: object, out: string): Promise<string> {
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', out], { cwd: folder });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(out, filename);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'packages' }, platforms: { type: 'string', default: 'all' } },
  });
  const which = values.platforms === 'this' ? thisPlatform() : platforms;
  for (const file of await pack(resolve(values.out), which)) console.log(file);
}
