import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../src/adapters/sandbox/find-programs.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';

const run = promisify(execFile);

/** Real parts that tests speak with, and the packages of Debian that have them. */
const packages = {
  'docker-registry': 'docker-registry',
  sshd: 'openssh-server',
  git: 'git',
  chromium: 'chromium',
} as const;

export type DebianProgram = keyof typeof packages;

/**
 * The path of a program. Where it is missing it is installed, if this is a machine to install on without asking: root, with apt-get and
 * without a service manager, which would start servers of it (a container).
 *
 * @throws Error that says in one line what is missing
 */
export async function debianProgram(name: DebianProgram): Promise<string> {
  const there = await find(name);
  if (there !== undefined) return there;
  const command = `apt-get install -y --no-install-recommends ${packages[name]}`;
  if (!(await mayInstall())) throw new Error(`these tests need ${name}, which is not here: sudo ${command}`);
  const folder = join(userInfo().homedir, '.cache', 'appstore', 'test');
  await withLock(folder, 'apt', { signal: new AbortController().signal, onWait: () => {} }, async () => {
    if ((await find(name)) !== undefined) return;
    console.error(`installing ${packages[name]}, once`);
    const options = {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
    };
    await run('sh', ['-c', `apt-get update -qq && ${command}`], options);
  });
  const path = await find(name);
  if (path === undefined) throw new Error(`${packages[name]} was installed, and has no ${name}`);
  return path;
}

/** All of them, before tests that would each wait for one. */
export async function provideDebianPrograms(): Promise<void> {
  for (const name of Object.keys(packages) as DebianProgram[]) await debianProgram(name);
}

/** Servers lie where the PATH of a person may not lead. */
function find(name: DebianProgram): Promise<string | undefined> {
  return findOnPath(name, `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin`);
}

async function mayInstall(): Promise<boolean> {
  const apt = await findOnPath('apt-get', process.env.PATH);
  return apt !== undefined && process.getuid?.() === 0 && !existsSync('/run/systemd/system');
}
