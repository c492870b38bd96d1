import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
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
