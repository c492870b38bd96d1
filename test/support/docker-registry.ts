import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { debianProgram } from './debian-programs.ts';
import { testAuthority } from './web-server.ts';

export interface DockerRegistryOptions {
  /** `basic`: a file of users with passwords; `token`: JSON Web Tokens of a server beside it. */
  readonly auth?: 'none' | 'basic' | 'token';
  /** Speaks TLS, with a certificate of an authority of the test. */
  readonly tls?: boolean;
}

export interface DockerRegistry {
  /** `localhost:1234` */
  readonly host: string;
  /** PEM of the authority that its certificate is from; empty without TLS. */
  readonly ca: string;
  /** What was asked of the server of tokens: who, and for what. */
  readonly tokens: readonly { readonly user: string; readonly scope: string }[];
  stop(): Promise<void>;
}

/** Who may do everything: `ann` with the password `secret`. Everybody else may pull, where tokens are given. */
export const registryUser = { username: 'ann', password: 'secret' } as const;

/** Debian's docker-registry (CNCF Distribution) on this machine, as its owner would set it up. */
export async function dockerRegistry({
  auth = 'none',
  tls = false,
}: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const program = await debianProgram('docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'appstore-registry-'));
  const authority = testAuthority();
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  await mkdir(join(folder, 'data'));
  const issuer =
    auth === 'token' ? await tokenServer(tls ? authority.issue('server') : undefined) : undefined;
  const config = {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: '127.0.0.1:0', ...(tls ? { tls: await certificate() } : {}) },
    ...(auth === 'basic'
      ? { auth: { htpasswd: { realm: 'test', path: await file('htpasswd', await users()) } } }
      : {}),
    ...(issuer === undefined
      ? {}
      : {
          auth: {
            token: {
              realm: issuer.realm,
              service: 'test registry',
              issuer: 'test',
              rootcertbundle: await file('issuer.pem', issuer.ca),
            },
          },
        }),
  };
  const child = spawn(program, ['serve', await file('config.yml', stringify(config))], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
  });
  const port = await portOf(child);
  return {
    host: `localhost:${port}`,
    ca: tls ? authority.ca : '',
    tokens: issuer?.asked ?? [],
    stop: async () => {
      issuer?.server.closeAllConnections();
      issuer?.server.close();
      const ended = new Promise((gone) => child.once('exit', gone));
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function certificate() {
    const own = authority.issue('server');
    return { certificate: await file('tls.pem', own.certificate), key: await file('tls.key', own.key) };
  }
}

/** The registry takes bcrypt alone, which crypt(3) makes. */
async function users(): Promise<string> {
  const { username, password } = registryUser;
  const script = 'print crypt($ARGV[0], q{$2y$04$abcdefghijklmnopqrstuu})';
  const { stdout } = await promisify(execFile)('perl', ['-e', script, password]);
  return `${username}:${stdout}\n`;
}

/** https://distribution.github.io/distribution/spec/auth/token/: everybody may pull, the one user may push as well. */
async function tokenServer(tls?: { readonly key: string; readonly certificate: string }) {
  const authority = testAuthority();
  const signer = authority.issue('server');
  const asked: { user: string; scope: string }[] = [];
  const answer: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    const [user = '', password = ''] = atob(
      (request.headers.authorization ?? '').replace(/^Basic /, ''),
    ).split(':');
    const isKnown = user === registryUser.username && password === registryUser.password;
    const scope = searchParams.get('scope') ?? '';
    asked.push({ user, scope });
    if (user !== '' && !isKnown) return void response.writeHead(401).end('{}');
    const token = tokenOf(scope, { user, isKnown, audience: searchParams.get('service') ?? '' });
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ token }));
  };
  const server: Server =
    tls === undefined
      ? createServer(answer)
      : createTlsServer({ key: tls.key, cert: tls.certificate }, answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    server,
    asked,
    ca: authority.ca,
    realm: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/token`,
  };

  function tokenOf(
    scope: string,
    {
      user,
      isKnown,
      audience,
    }: { readonly user: string; readonly isKnown: boolean; readonly audience: string },
  ): string {
    const now = Math.floor(Date.now() / 1_000);
    const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
    const granted = actions.split(',').filter((action) => isKnown || action === 'pull');
    const header = {
      typ: 'JWT',
      alg: 'ES256',
      x5c: [new X509Certificate(signer.certificate).raw.toString('base64')],
    };
    const claims = {
      iss: 'test',
      sub: user,
      aud: audience,
      nbf: now - 60,
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      access: name === '' ? [] : [{ type, name, actions: granted }],
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part(header)}.${part(claims)}`;
    const key = createPrivateKey(signer.key);
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text = `${text}${piece}`.slice(-10_000);
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port !== undefined) found(port);
    });
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`the registry ended: ${text}`)));
  });
}
