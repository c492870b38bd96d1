import { AppstoreError } from '../../../domain/errors.ts';
import { formatGitReference, type GitReference, isCommit } from '../../../domain/git-reference.ts';

/**
 * The commit that a reference means now. A branch and a tag of one name that are not one commit are refused, never chosen between.
 *
 * @param look answers what is there of these names, with `NAME^{}` for what an annotated tag stands for
 * @throws AppstoreError VERSION_NOT_FOUND, and what `look` throws
 */
export async function chooseCommit(
  reference: GitReference,
  look: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<string> {
  const { ref } = reference;
  if (ref !== undefined && isCommit(ref)) return ref;
  const wanted =
    ref === undefined
      ? ['HEAD']
      : ref.startsWith('refs/')
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const listed = await look(wanted);
  const found = wanted
    .map((name) => listed.get(`${name}^{}`) ?? listed.get(name))
    .filter((commit) => commit !== undefined);
  const [commit, other] = found;
  if (commit === undefined || !isCommit(commit)) throw noSuchRef(reference);
  if (other !== undefined && other !== commit) throw twoRefs(reference);
  return commit;
}

export function noSuchRef(reference: GitReference): AppstoreError {
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
