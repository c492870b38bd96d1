import { mkdir, rm } from 'node:fs/promises';
import { formatGitReference, type GitReference } from '../../../domain/git-reference.ts';
import type { GitAccess } from './environment.ts';
import { gitError } from './errors.ts';
import { type GitOutcome, type GitRun, runGit } from './program.ts';
import { chooseCommit, noSuchRef } from './refs.ts';

/** A repository that is asked, and the bare one of ours that its objects go to. */
export interface Repository extends GitRun {
  readonly reference: GitReference;
  readonly access: GitAccess;
}

/** The commit that a reference means now. Throws as `chooseCommit` does; CATALOG_UNREACHABLE, CATALOG_FORBIDDEN. */
export function commitOf(repository: Repository): Promise<string> {
  return chooseCommit(repository.reference, async (names) => {
    const patterns = names.flatMap((name) => [name, `${name}^{}`]);
    const { url } = repository.reference;
    const { output } = await ask(repository, ['ls-remote', '--quiet', '--', url, ...patterns]);
    const lines = output.toString('utf8').split('\n');
    return new Map(lines.map((line) => line.split('\t')).map(([commit = '', name = '']) => [name, commit]));
  });
}

/**
 * Brings one commit into the repository of ours, which is made for it: without history, and without files where the server can leave
 * them out.
 */
export async function fetchCommit(repository: Repository, commit: string): Promise<void> {
  await makeRepository(repository, commit);
  await fetchInto(repository, commit, ['--filter=blob:none']);
}

/** Brings files that were left out. Names of objects only, by stdin. */
export async function fetchObjects(
  repository: Repository,
  commit: string,
  objects: readonly string[],
): Promise<void> {
  if (objects.length === 0) return;
  const negotiation = ['-c', 'fetch.negotiationAlgorithm=noop'];
  const args = [...negotiation, ...fetching, '--filter=blob:none', '--stdin', 'origin'];
  const { code, message } = await runGit(repository, args, `${objects.join('\n')}\n`);
  if (code === 0) return;
  if (!givesNoneByName.test(message)) throw gitError(addressOf(repository), message, repository.access);
  // It left files out, and gives none of them by its name: all of it, then.
  await rm(repository.folder, { recursive: true, force: true });
  await mkdir(repository.folder);
  await makeRepository(repository, commit);
  await fetchInto(repository, commit, []);
}

/** Of servers that speak an older protocol. */
const givesNoneByName = /unadvertised object|not our ref|no matching remote/;

async function makeRepository(repository: Repository, commit: string): Promise<void> {
  const format = commit.length === 64 ? ['--object-format=sha256'] : [];
  await ask(repository, ['init', '--quiet', '--bare', '--template=', ...format, '.']);
  await ask(repository, ['config', 'remote.origin.url', repository.reference.url]);
  await ask(repository, ['config', 'remote.origin.promisor', 'true']);
}

async function fetchInto(repository: Repository, commit: string, filter: readonly string[]): Promise<void> {
  const shallow = await runGit(repository, [...fetching, '--depth=1', ...filter, '--', 'origin', commit]);
  if (shallow.code === 0) return;
  if (!givesNoneByName.test(shallow.message))
    throw gitError(addressOf(repository), shallow.message, repository.access);
  const all = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  await ask(repository, [...fetching, ...filter, '--', 'origin', ...all]);
  const there = await runGit(repository, ['cat-file', '-e', `${commit}^{commit}`]);
  if (there.code !== 0) throw noSuchRef(repository.reference);
}

const fetching = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no'];

/** Runs git, and throws what it could not do. */
export async function ask(repository: Repository, args: readonly string[], input = ''): Promise<GitOutcome> {
  const outcome = await runGit(repository, args, input);
  if (outcome.code === 0) return outcome;
  throw gitError(addressOf(repository), outcome.message, repository.access);
}

function addressOf({ reference: { url } }: Repository): string {
  return formatGitReference({ url, path: '' });
}
