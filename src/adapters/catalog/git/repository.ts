import { mkdir, rm } from 'node:fs/promises';
import { AppstoreError } from '../../../domain/errors.ts';
import { formatGitReference, type GitReference, isCommit } from '../../../domain/git-reference.ts';
import type { GitAccess } from './environment.ts';
import { gitError } from './errors.ts';
import { type GitOutcome, type GitRun, runGit } from './program.ts';

/** A repository that is asked, and the bare one of ours that its objects go to. */
export interface Repository extends GitRun {
  readonly reference: GitReference;
  readonly access: GitAccess;
}

/**
 * The commit that a reference means now. A branch and a tag of one name that are not one commit are refused, never chosen between.
 *
 * @throws AppstoreError VERSION_NOT_FOUND, CATALOG_UNREACHABLE, CATALOG_FORBIDDEN
 */
export async function commitOf(repository: Repository): Promise<string> {
  const { ref, url } = repository.reference;
  if (ref !== undefined && isCommit(ref)) return ref;
  const wanted =
    ref === undefined
      ? ['HEAD']
      : ref.startsWith('refs/')
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const patterns = wanted.flatMap((name) => [name, `${name}^{}`]);
  const { output } = await ask(repository, ['ls-remote', '--quiet', '--', url, ...patterns]);
  const listed = new Map(
    output
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([commit = '', name = '']) => [name, commit]),
  );
  // What an annotated tag stands for is listed behind it.
  const found = wanted
    .map((name) => listed.get(`${name}^{}`) ?? listed.get(name))
    .filter((commit) => commit !== undefined);
  const [commit, other] = found;
  if (commit === undefined || !isCommit(commit)) throw noSuchRef(repository.reference);
  if (other !== undefined && other !== commit) throw twoRefs(repository.reference);
  return commit;
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

function noSuchRef(reference: GitReference): AppstoreError {
  const { ref = 'HEAD', url } = reference;
  const short = /^[0-9a-f]{4,39}$/.test(ref) ? ' A commit is written in full, with 40 characters.' : '';
  return new AppstoreError(
    'VERSION_NOT_FOUND',
    `${formatGitReference({ url, path: '' })} has no branch, tag or commit \`${ref}\`.`,
    { hint: `Look with \`git ls-remote ${url}\`.${short}` },
  );
}

function twoRefs({ url, ref = '' }: GitReference): AppstoreError {
  return new AppstoreError(
    'VERSION_NOT_FOUND',
    `${formatGitReference({ url, path: '' })} has both a branch and a tag \`${ref}\`, and they are not the same commit.`,
    { hint: `Write \`#refs/heads/${ref}\` or \`#refs/tags/${ref}\`.` },
  );
}
