import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** Path below src. */
  readonly from: string;
  /** Path below src, or the name of a package. */
  readonly to: string;
  readonly names: string;
  /** Gone after compilation. */
  readonly type: boolean;
}

/** Line and block comments may name anything; strings that hold `//` (addresses) are kept by asking for white space before. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const statement = /^\s*(?:import|export)\s+(type\s+)?((?:[\w*$\s,{}]|\bas\b)*?)\s*\bfrom\s*'([^']+)'/gm;
const bare = /^\s*import\s*'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'/g;

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(join(root, file), 'utf8'));
  const make = (to: string, names: string, type: boolean): Import => ({
    from: file,
    to: to.startsWith('.') ? relative(root, join(root, dirname(file), to)) : to,
    names,
    type,
  });
  return [
    ...[...text.matchAll(statement)].map(([, type, names = '', to = '']) =>
      make(to, names, type !== undefined || onlyTypes(names)),
    ),
    ...[...text.matchAll(bare)].map(([, to = '']) => make(to, '', false)),
    ...[...text.matchAll(dynamic)].map(([, to = '']) => make(to, '(lazy)', false)),
  ];
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  const parts = inner?.split(',').filter((part) => part.trim() !== '') ?? [];
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const imports = files.flatMap(importsOf);

const compositionRoots = ['cli/context.ts', 'server/context.ts'];

function areaOf(path: string): string {
  if (compositionRoots.includes(path)) return 'root';
  if (path === 'main.ts') return 'main';
  if (path === 'start.ts') return 'starter';
  const [first = ''] = path.split('/');
  const areas = ['domain', 'services', 'outputs', 'adapters', 'cli', 'server', 'storefront', 'start'];
  return areas.includes(first) ? first : 'outside';
}

/** What each area may import of the project itself (docs: the rules of STYLE). */
const allowed: Readonly<Record<string, (one: Import) => boolean>> = {
  domain: ({ to }) => areaOf(to) === 'domain',
  services: ({ to }) => ['domain', 'services'].includes(areaOf(to)),
  adapters: ({ to, type }) =>
    ['domain', 'adapters'].includes(areaOf(to)) || (areaOf(to) === 'services' && type),
  outputs: ({ to, type }) =>
    ['domain', 'outputs'].includes(areaOf(to)) || (areaOf(to) === 'services' && type),
  cli: ({ to }) => ['domain', 'services', 'outputs', 'cli', 'root'].includes(areaOf(to)),
  server: ({ to }) => ['domain', 'services', 'outputs', 'server'].includes(areaOf(to)),
  // It runs in a browser: of the program it has the rules, and the shapes that the server answers with.
  storefront: ({ to, type }) =>
    ['domain', 'storefront'].includes(areaOf(to)) || (['outputs', 'services'].includes(areaOf(to)) && type),
  root: ({ to }) =>
    ['domain', 'services', 'outputs', 'adapters', 'cli', 'server', 'root'].includes(areaOf(to)),
  // It is there before everything else is loaded.
  start: ({ to }) => areaOf(to) === 'start',
  starter: ({ to }) => areaOf(to) === 'start',
  main: ({ to }) => ['domain', 'services', 'cli', 'root'].includes(areaOf(to)),
};

function isOwn(one: Import): boolean {
  return /\.tsx?$/.test(one.to);
}

function tell(list: readonly Import[]): string[] {
  return list.map((one) => `${one.from} imports ${one.to}`);
}

describe('imports', () => {
  it('finds the imports that there are', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.filter(isOwn).length).toBeGreaterThan(files.length);
    const missing = imports.filter((one) => isOwn(one) && !files.includes(one.to));
    expect(tell(missing)).toEqual([]);
  });

  it('point the way that the house allows', () => {
    const wrong = imports.filter((one) => isOwn(one) && allowed[areaOf(one.from)]?.(one) !== true);
    expect(tell(wrong)).toEqual([]);
  });

  it('of services know ports as types only', () => {
    const wrong = imports.filter((one) => one.to === 'services/ports.ts' && !one.type);
    expect(tell(wrong)).toEqual([]);
  });

  it('of the domain reach nothing outside but hashing and pure libraries', () => {
    const outside = imports.filter((one) => areaOf(one.from) === 'domain' && !isOwn(one) && !one.type);
    const wrong = outside.filter(
      ({ to, names }) =>
        !(to === 'node:crypto' && hashing.test(names.trim())) && !pureLibraries.has(packageOf(to)),
    );
    expect(tell(wrong)).toEqual([]);
  });

  it.each([
    ['chalk', 'cli/'],
    ['ora', 'cli/'],
    ['cli-table3', 'cli/'],
    ['inquirer', 'cli/'],
    ['@inquirer/', 'cli/'],
    ['@kubernetes/client-node', 'adapters/kubernetes/'],
    ['preact', 'storefront/'],
  ])('of %s stand under %s', (name, folder) => {
    const users = imports.filter(
      (one) => one.to === name || one.to.startsWith(name.endsWith('/') ? name : `${name}/`),
    );
    expect(tell(users.filter((one) => !one.from.startsWith(folder)))).toEqual([]);
  });

  it('have no cycles', () => {
    expect(cycles()).toEqual([]);
  });
});

const hashing = /^\{ (createHash|createHmac|hash)(, (createHash|createHmac|hash))* \}$/;

/** Libraries that the domain may use: they compute and do nothing else. */
const pureLibraries: ReadonlySet<string> = new Set(['@marcbachmann/cel-js', 'js-yaml', 're2js', 'semver']);

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Modules that need each other to be evaluated. Types are gone by then, and lazy imports come later. */
function cycles(): string[] {
  const targets = new Map(
    files.map((file) => [
      file,
      imports
        .filter((one) => one.from === file && isOwn(one) && !one.type && one.names !== '(lazy)')
        .map((one) => one.to),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

describe('the surroundings', () => {
  it.each([
    ['process.env', /\bprocess\.env\b/],
    ['process.cwd', /\bprocess\.cwd\b/],
    ['process.exitCode', /\bprocess\.exitCode\b/],
  ])('%s is read in main and the composition root only', (_name, pattern) => {
    const users = files.filter((file) =>
      pattern.test(withoutComments(readFileSync(join(root, file), 'utf8'))),
    );
    expect(users.filter((file) => !['main', 'root', 'starter'].includes(areaOf(file)))).toEqual([]);
  });

  it('the domain asks neither clock nor chance nor the machine', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bfetch\(/;
    const domain = files.filter((file) => areaOf(file) === 'domain');
    expect(
      domain.filter((file) => impure.test(withoutComments(readFileSync(join(root, file), 'utf8')))),
    ).toEqual([]);
  });
});
