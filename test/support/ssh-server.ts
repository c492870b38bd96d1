import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { debianProgram } from './debian-programs.ts';

const run = promisify(execFile);

export interface SshServer {
  /** `ssh://user@127.0.0.1:1234` */
  readonly url: string;
  /** A folder for PATH whose `ssh` is the real one with the key of a person who knows this server, and nothing else of this machine. */
  readonly bin: string;
  /** Ends it, and starts another one at the same place with another key, as somebody in between would. */
  changeHostKey(): Promise<void>;
  /** Takes the key of the person away. */
  lockOut(): Promise<void>;
  stop(): Promise<void>;
}

/** OpenSSH's server on this machine, with a host key and a user key of its own, for one test. */
export async function sshServer(): Promise<SshServer> {
  const program = await debianProgram('sshd');
  const folder = await mkdtemp(join(tmpdir(), 'appstore-ssh-'));
  const at = (name: string) => join(folder, name);
  await keyPair(at('host'));
  await keyPair(at('user'));
  const port = await freePort();
  await rename(at('user.pub'), at('authorized'));
  const hostKey = await run('ssh-keygen', ['-y', '-f', at('host')]);
  await writeFile(at('known'), `[127.0.0.1]:${port} ${hostKey.stdout}`);
  // Debian makes the folder where it starts the server as a service.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  await writeFile(at('sshd.conf'), serverConfig(port, at));
  await writeFile(at('ssh.conf'), clientConfig(at));
  await mkdir(at('bin'));
  const ssh = (await run('sh', ['-c', 'command -v ssh'])).stdout.trim();
  await writeFile(at('bin/ssh'), `#!/bin/sh\nexec ${ssh} -F ${at('ssh.conf')} "$@"\n`);
  await chmod(at('bin/ssh'), 0o755);
  let server = await start(program, at('sshd.conf'));
  onTestFinished(async () => {
    await stop(server);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    bin: at('bin'),
    changeHostKey: async () => {
      await stop(server);
      await rm(at('host'));
      await keyPair(at('host'));
      server = await start(program, at('sshd.conf'));
    },
    stop: () => stop(server),
    lockOut: () => writeFile(at('authorized'), ''),
  };
}

function serverConfig(port: number, at: (name: string) => string): string {
  return `ListenAddress 127.0.0.1:${port}
HostKey ${at('host')}
AuthorizedKeysFile ${at('authorized')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
`;
}

function clientConfig(at: (name: string) => string): string {
  return `Host *
  IdentityFile ${at('user')}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${at('known')}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
`;
}

async function keyPair(path: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
}

/** It listens when it says so. */
function start(program: string, config: string): Promise<ChildProcess> {
  const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((started, failed) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text = `${text}${piece}`.slice(-10_000);
      if (/Server listening on/.test(text)) started(child);
    });
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`sshd ended: ${text}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((gone) => child.once('exit', gone));
  child.kill();
  await ended;
}

/** sshd takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
