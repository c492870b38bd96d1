import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type ServerOptions, type WebServer, webServer } from './web-server.ts';

const run = promisify(execFile);

/** An identity and a configuration of nobody: commits are the same on every machine. */
const environment = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** Runs the real git; what it writes. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...args], { env: environment });
  return stdout.trim();
}

export interface BareRepository {
  /** `<root>/repo.git`, bare, with the branch `main`. */
  readonly path: string;
  /** Where commits are made. */
  readonly work: string;
  /** Commits these files in the place of all others, and pushes; the commit. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
}

/** A bare repository below a folder, made by the real git. */
export async function bareRepository(root: string): Promise<BareRepository> {
  const [path, work] = [join(root, 'repo.git'), join(root, 'work')];
  await mkdir(work, { recursive: true });
  await git(root, 'init', '--quiet', '--bare', '--initial-branch=main', path);
  await git(path, 'config', 'uploadpack.allowFilter', 'true');
  await git(work, 'init', '--quiet', '--initial-branch=main');
  await git(work, 'remote', 'add', 'origin', path);
  const commit = async (files: Readonly<Record<string, string>>) => {
    await git(work, 'rm', '-rfq', '--ignore-unmatch', '.');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(work, name)), { recursive: true });
      await writeFile(join(work, name), content);
    }
    await git(work, 'add', '-A', '.');
    await git(work, 'commit', '--quiet', '--allow-empty', '-m', 'x');
    await git(work, 'push', '--quiet', 'origin', 'HEAD:main');
    return git(work, 'rev-parse', 'HEAD');
  };
  return { path, work, commit };
}

/** Smart HTTP as git itself serves it: every request runs `git http-backend`. */
export async function gitServer(
  root: string,
  before: (request: IncomingMessage, response: ServerResponse) => boolean = () => true,
  options: ServerOptions = {},
): Promise<WebServer> {
  return webServer((request, response) => {
    if (before(request, response)) backend(root, request, response);
  }, options);
}

/** CGI (RFC 3875), as far as git needs it. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://x');
  const header = (name: string) => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.once('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const lines = all.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
    const headers = lines.map((line) => line.split(': ')).filter(([name]) => name !== 'Status');
    const status = Number(/^Status: (\d+)/m.exec(lines.join('\n'))?.[1] ?? '200');
    response.writeHead(status, Object.fromEntries(headers)).end(all.subarray(end + 4));
  });
}

/** A bare repository whose contents no server may leave out: an older or simpler one. */
export async function withoutFilters({ path }: BareRepository): Promise<void> {
  await git(path, 'config', 'uploadpack.allowFilter', 'false');
}

/** The files of a chart below `charts/`. */
export const chartFiles = (name: string, version = '1.0.0'): Readonly<Record<string, string>> => ({
  [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
  [`charts/${name}/templates/a.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`,
});

/** A repository whose chart `web` has two versions, and every kind of name for both: what each name stands for. */
export async function repositoryWithRefs(root: string) {
  const repository = await bareRepository(root);
  const first = await repository.commit(chartFiles('web', '1.0.0'));
  await git(repository.work, 'tag', 'v1');
  await git(repository.work, 'tag', '-a', '-m', 'x', 'v1-annotated');
  const second = await repository.commit(chartFiles('web', '2.0.0'));
  await git(repository.work, 'push', '--quiet', '--tags', 'origin', 'HEAD:refs/heads/next/two');
  const refs: readonly (readonly [ref: string, commit: string, version: string])[] = [
    ['', second, '2.0.0'],
    ['main', second, '2.0.0'],
    ['next/two', second, '2.0.0'],
    ['v1', first, '1.0.0'],
    ['v1-annotated', first, '1.0.0'],
    ['refs/tags/v1', first, '1.0.0'],
    [first, first, '1.0.0'],
  ];
  return { repository, refs };
}

/** Text that does not pack: pseudo-random, the same each time. */
export function noise(lines: number): string {
  return Array.from({ length: lines }, (_, at) =>
    createHash('sha256').update(String(at)).digest('base64'),
  ).join('');
}

/** Smart HTTP that counts what it sends. */
export async function countingServer(root: string): Promise<WebServer & { bytes(): number }> {
  let bytes = 0;
  const server = await gitServer(root, (_request, response) => {
    const end = response.end.bind(response);
    response.end = ((chunk: Buffer) => {
      bytes += chunk.length;
      return end(chunk);
    }) as typeof response.end;
    return true;
  });
  return { ...server, bytes: () => bytes };
}

/** git's own protocol, as `git daemon` speaks it on one connection (`--inetd`). Answers its address. */
export async function gitDaemon(root: string): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    const args = ['daemon', '--inetd', '--export-all', `--base-path=${root}`];
    const child = spawn('git', args, { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
    for (const stream of [socket, child.stdin]) stream.on('error', () => {});
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `git://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** What may stand in a tree that git itself would not make. */
export interface HandmadeTree {
  /** Name of an object with this content. */
  blob(content: string): Promise<string>;
  tree(entries: readonly (readonly [mode: string, name: string, object: string])[]): Promise<string>;
}

/** A repository with the branch `evil`, at a commit of a tree that was made by hand. */
export async function handmadeRepository(
  root: string,
  make: (by: HandmadeTree) => Promise<string>,
): Promise<BareRepository> {
  const repository = await bareRepository(root);
  await repository.commit(chartFiles('web'));
  const { work } = repository;
  const store = async (content: string | Buffer, ...args: readonly string[]) => {
    await writeFile(join(root, 'object'), content);
    return git(work, 'hash-object', '-w', ...args, join(root, 'object'));
  };
  const made = await make({
    blob: (content) => store(content),
    tree: (entries) => {
      const lines = entries.map(([mode, name, object]) =>
        Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]),
      );
      return store(Buffer.concat(lines), '--literally', '-t', 'tree');
    },
  });
  const commit = await git(work, 'commit-tree', '-m', 'x', made);
  await git(work, 'push', '--quiet', 'origin', `${commit}:refs/heads/evil`);
  return repository;
}
