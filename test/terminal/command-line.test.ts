import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programVersion } from '../../src/cli/context.ts';
import { readGiven } from '../../src/cli/given-options.ts';
import type { Options } from '../../src/cli/options.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { run } from '../../src/cli/run.ts';
import { referenceOf } from '../../src/cli/target.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testTerminal } from '../support/terminal.ts';

/** What the flags of a command line are read as. */
async function parsed(
  ...argv: string[]
): Promise<{ command: string; args: readonly string[]; options: Options }> {
  const found: { command: string; args: readonly string[]; options: Options }[] = [];
  const program = buildProgram({
    version: '1.2.3',
    write: () => {},
    color: () => false,
    columns: () => undefined,
    action: async (spec, args, options) => void found.push({ command: spec.name, args, options }),
  });
  await program.parseAsync(argv, { from: 'user' });
  const [only] = found;
  if (only === undefined) throw new Error('no command was run');
  return only;
}

/** What commander answers: help, the command that was run, or what is wrong. */
async function answer(argv: readonly string[], told: boolean): Promise<unknown> {
  const written: unknown[] = [];
  const program = buildProgram({
    version: '1.2.3',
    write: (text) => void written.push(text),
    color: () => false,
    columns: () => 80,
    action: async (spec, args, options) => void written.push(spec.name, args, options),
    ...(told ? { argv } : {}),
  });
  const failed = await program.parseAsync(argv as string[], { from: 'user' }).then(
    () => undefined,
    (error: { message: string; hint?: string }) => [error.message, error.hint],
  );
  return { written, failed };
}

test.each([
  [['--help']],
  [['help']],
  [['help', 'install']],
  [['install', '--help']],
  [['--help', 'install']],
  [['instal', 'x']],
  [['instal', 'list']],
  [['-n', 'list', 'delete', 'web', '--purge-dta']],
  [['list', '--namespce', 'a']],
  [['-n', 'install', 'ls', '-A']],
  [['sandbox']],
  [['sandbox', 'strat']],
  [['upgrade', 'web', 'list']],
  [['ls', 'extra']],
  [['list', '--version']],
  [['install']],
  [['install', 'web', '--vresion', '1']],
  [['install', 'web', '--timeout', 'soon']],
  [['remove', 'help']],
  [['rm', 'web', '-n', 'a', '--', '-x']],
  [['catalog', 'ad']],
  [['--version']],
  [['nothing-like-it']],
])('commands that %j does not name are left out of it, and the answer is the same', async (argv) => {
  expect(await answer(argv, true)).toEqual(await answer(argv, false));
});

describe('flags', () => {
  test('stand before or after the name of the command; the later one counts', async () => {
    expect((await parsed('-n', 'a', 'list')).options).toEqual({ namespace: 'a' });
    expect((await parsed('list', '-n', 'a')).options).toEqual({ namespace: 'a' });
    expect((await parsed('-n', 'a', 'list', '-n', 'b')).options).toEqual({ namespace: 'b' });
    expect((await parsed('--no-input', 'install', 'x')).options).toEqual({ input: false });
  });

  test('of values keep their order across kinds', async () => {
    const { options } = await parsed(
      'install',
      'x',
      '--set',
      'a=1',
      '--set-string',
      'a=2',
      '--set',
      'b=3',
      '-f',
      'one',
      '-f',
      '-',
    );
    expect(options.assignments).toEqual([
      { flag: 'set', text: 'a=1' },
      { flag: 'set-string', text: 'a=2' },
      { flag: 'set', text: 'b=3' },
    ]);
    expect(options.values).toEqual(['one', '-']);
  });

  test('are read as what they mean', async () => {
    const { args, options } = await parsed(
      ...[
        'install',
        'postgres@^1',
        'db',
        '--timeout',
        '1h30m',
        '--no-wait',
        '-y',
        '--dry-run',
        '--exit-code',
      ],
      ...[
        '--image-pull-secret',
        'a',
        '--image-pull-secret',
        'b',
        '--keep',
        '3',
        '-o',
        'json',
        '--version',
        '2',
      ],
    );
    expect(args).toEqual(['postgres@^1', 'db']);
    expect(options).toEqual({
      timeout: 5_400_000,
      wait: false,
      yes: true,
      dryRun: true,
      exitCode: true,
      imagePullSecret: ['a', 'b'],
      keep: 3,
      output: 'json',
      version: '2',
    });
  });

  test.each([
    ['ls', 'list'],
    ['rm x', 'remove'],
    ['uninstall x', 'remove'],
    ['delete x', 'remove'],
    ['creds x', 'credentials'],
  ])('%s is %s', async (line, command) => {
    expect((await parsed(...line.split(' '))).command).toBe(command);
  });
});

describe('wrong use', () => {
  test.each([
    ['instal x', "unknown command 'instal'", 'Did you mean install?'],
    ['install x --namspace y', "unknown option '--namspace'", 'Did you mean --namespace?'],
    ['install', "missing required argument 'app'", 'appstore install --help'],
    ['install a b c', 'too many arguments', 'appstore install --help'],
    ['list -o xml', "argument 'xml' is invalid", 'appstore list --help'],
    ['list -n', 'argument missing', 'appstore list --help'],
    ['install x --timeout soon', 'a duration like 90s', 'appstore install --help'],
    ['install x --keep 0', 'a number from 1 on', 'appstore install --help'],
    ['sandbox', 'needs one of: start, stop, status', 'appstore sandbox --help'],
    ['sandbox stat', "unknown command 'stat'", 'Did you mean'],
    ['help instal', "unknown command 'instal'", 'Did you mean install?'],
    ['help bogus', "unknown command 'bogus'", 'appstore --help'],
    ['completion tcsh', 'no completion for `tcsh`', 'Read `appstore completion --help`.'],
    ['install x --set a=1 -f - -f -', 'can be read once only', 'Read `appstore install --help`.'],
    ['install x@1.0.0 --version 2.0.0', '`x@1.0.0` names a version already', 'Give one of the two.'],
    ['install x --exit-code', '--exit-code says whether', 'Add --dry-run'],
    ['remove x --exit-code', '--exit-code says whether', 'Add --dry-run'],
  ])('%s', async (line, what, hint) => {
    const terminal = testTerminal({ tty: false });
    expect(await run(line.split(' '), terminal.io)).toBe(2);
    expect(terminal.stderr()).toContain(what);
    expect(terminal.stderr()).toContain(hint);
    expect(terminal.stderr()).toContain('[USAGE]');
    expect(terminal.stdout()).toBe('');
  });

  test('is JSON where JSON was asked for, though the line was not understood', async () => {
    const terminal = testTerminal({ tty: false });
    expect(await run(['list', '-o', 'json', '--nope'], terminal.io)).toBe(2);
    expect(JSON.parse(terminal.stderr())).toMatchObject({
      kind: 'Error',
      error: { code: 'USAGE', category: 'input' },
    });
  });
});

test('a line without a command lists those that people run', async () => {
  const terminal = testTerminal({ tty: false });
  expect(await run(['-n', 'shop'], terminal.io)).toBe(2);
  expect(terminal.stderr()).toMatch(/`appstore` needs one of: search, .*, version\b/);
  expect(terminal.stderr()).not.toContain('__complete');
});

test('`name@version` and the same --version are one thing said twice', () => {
  expect(referenceOf('whoami@1.0.0', '1.0.0')).toEqual(referenceOf('whoami@1.0.0', undefined));
});

describe('help', () => {
  test('saved plans have a heading of their own', async () => {
    const terminal = testTerminal({ tty: false });
    await run(['install', '--help'], terminal.io);
    const [, saved = ''] = terminal.stdout().split('Saved plans:');
    expect(saved).toMatch(/^\n {2}--plan .*\n(?: {10,}.*\n)+ {2}--approved-by .*\n(?: {10,}.*\n)+\n/);
  });

  test.each([[[]], [['--help']], [['help']]])('%j names every command, on stdout', async (argv) => {
    const terminal = testTerminal({ tty: false });
    expect(await run(argv, terminal.io)).toBe(0);
    for (const name of ['search', 'install', 'remove', 'status', 'sandbox', 'completion'])
      expect(terminal.stdout()).toContain(`  ${name}`);
    expect(terminal.stdout()).not.toContain('__complete');
    expect(terminal.stderr()).toBe('');
  });

  test('of a command tells flags and examples', async () => {
    const terminal = testTerminal({ tty: false });
    expect(await run(['install', '--help'], terminal.io)).toBe(0);
    for (const text of [
      '--set-secret',
      '--create-namespace',
      '--timeout',
      'Examples:',
      'appstore install postgres',
    ])
      expect(terminal.stdout()).toContain(text);
  });

  test.each([['--version'], ['version']])('%s', async (argument) => {
    const terminal = testTerminal({ tty: false });
    expect(await run([argument], terminal.io)).toBe(0);
    expect(terminal.stdout()).toContain(programVersion);
  });
});

describe('values', () => {
  async function given(files: Readonly<Record<string, string>>, stdin: string, ...argv: string[]) {
    const cwd = await temporaryFolder();
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    const { io } = testTerminal({ tty: false });
    (io.stdin as NodeJS.ReadableStream & { end(text: string): void }).end(stdin);
    return readGiven({ ...io, cwd }, (await parsed('install', 'x', ...argv)).options);
  }

  test('files in their order, then flags in theirs', async () => {
    const files = { 'a.yaml': 'a: 1\nb: {c: 1, d: 1}\n', 'b.json': '{"b": {"c": 2}}', text: 'from file\n' };
    const argv = [
      '--set',
      'e=1',
      '-f',
      'a.yaml',
      '-f',
      'b.json',
      '-f',
      '-',
      '--set-string',
      'e=2',
      '--set-file',
      'f=text',
    ];
    expect((await given(files, 'b: {d: 3}', ...argv)).values).toEqual({
      a: 1,
      b: { c: 2, d: 3 },
      e: '2',
      f: 'from file\n',
    });
  });

  test('JSON and literal text go over what was given before', async () => {
    const argv = ['--set', 'a.b=1', '--set-json', '{"a": {"c": [2]}}', '--set-literal', 'd=x,y={z}'];
    expect(await given({}, '', ...argv)).toEqual({
      values: { a: { b: 1, c: [2] }, d: 'x,y={z}' },
      integers: ['a.b'],
      secretRefs: [],
    });
  });

  test('what is not given is absent, so that what is stored stays', async () => {
    expect(await given({}, '')).toEqual({ values: {}, secretRefs: [] });
  });

  test('an empty file gives nothing', async () => {
    expect((await given({ 'empty.yaml': '# nothing\n' }, '', '-f', 'empty.yaml')).values).toEqual({});
  });

  test('secrets, patches and images', async () => {
    const patch =
      'kind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n---\n---\nkind: A\nmetadata: {name: b}\nx: 1\n';
    const argv = [
      '--set-secret',
      'a.b=secret/s:k',
      '--patch',
      'p.yaml',
      '--image-registry',
      'r.example/m',
      '--image-pull-secret',
      's',
    ];
    expect(await given({ 'p.yaml': patch }, '', ...argv)).toEqual({
      values: {},
      secretRefs: [{ path: 'a.b', secret: 's', key: 'k' }],
      patches: [
        { target: { kind: 'Service', name: 'web' }, merge: { spec: { type: 'NodePort' } } },
        { target: { kind: 'A', name: 'b' }, merge: { x: 1 } },
      ],
      imageRegistry: 'r.example/m',
      imagePullSecrets: ['s'],
    });
  });

  test.each([
    ['a file that is not there', {}, ['-f', 'none.yaml'], 'FILE_UNREADABLE', 'none.yaml'],
    ['a list', { 'a.yaml': '- 1' }, ['-f', 'a.yaml'], 'YAML_INVALID', 'a.yaml'],
    ['YAML that is none', { 'a.yaml': 'a: [1' }, ['-f', 'a.yaml'], 'YAML_INVALID', 'a.yaml:'],
    ['standard input twice', {}, ['-f', '-', '-f', '-'], 'USAGE', 'once only'],
    ['a patch of nothing', { p: 'spec: {}' }, ['--patch', 'p'], 'PATCH_INVALID', 'metadata.name'],
  ])('refused: %s', async (_name, files, argv, code, message) => {
    await expect(given(files, 'a: 1', ...argv)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe('a value of a flag is read before anything is done', () => {
  test.each([
    ['--image-registry', 'bad registry'],
    ['--image-registry', 'https://mirror.example.com'],
    ['--image-registry', 'mirror.example.com/a//b'],
    ['--image-pull-secret', 'Bad_Name'],
    ['--image-pull-secret', 'a'.repeat(254)],
    ['--timeout', 'soon'],
    ['--keep', '0'],
  ])('%s %s is refused', async (flag, value) => {
    await expect(parsed('install', 'x', flag, value)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test.each([
    ['--image-registry', 'mirror', { imageRegistry: 'mirror' }],
    [
      '--image-registry',
      'localhost:5000/team_a/mirror-1/',
      { imageRegistry: 'localhost:5000/team_a/mirror-1/' },
    ],
    ['--image-registry', '', { imageRegistry: '' }],
    ['--image-pull-secret', 'login.example', { imagePullSecret: ['login.example'] }],
  ])('%s %s is taken', async (flag, value, options) => {
    expect((await parsed('install', 'x', flag, value)).options).toEqual(options);
  });

  test.each(['0', '65536', '99999', 'http'])('a port %s is refused', async (port) => {
    await expect(parsed('open', 'x', '--port', port)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the help of a command', () => {
  const help = async (columns: number): Promise<string> => {
    const terminal = testTerminal({ columns });
    await run(['install', '--help'], terminal.io);
    return terminal.stdout();
  };

  test.each([60, 80, 120])('on %i columns has no wider line but command lines', async (columns) => {
    const lines = (await help(columns)).split('\n').filter((line) => !line.startsWith('  appstore '));
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  test('names choices as docs/cli.md does, and no presets', async () => {
    const text = (await help(120)).replace(/\s+/g, ' ');
    expect(text).toContain('how the result is written: table, json, yaml, name');
    expect(text).not.toMatch(/preset|choices/);
  });
});
