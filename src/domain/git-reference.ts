/** A folder of a git repository, and which state of it. */
export interface GitReference {
  /** What git is given: `https://...`, `http://...`, `ssh://...`, `git://...` or `file://...`, without a password. */
  readonly url: string;
  readonly protocol: 'https' | 'http' | 'ssh' | 'git' | 'file';
  /** Branch, tag, whole ref (`refs/...`) or commit; absent for the default branch. */
  readonly ref?: string;
  /** Folder inside, with `/`; `''` for the repository itself. */
  readonly path: string;
}

/**
 * What git itself allows as a ref (git-check-ref-format(1)), less what begins with a hyphen or a slash. No colon is in it, so that the
 * first one ends the ref.
 */
const NO_REF =
  /^[-/]|\.\.|@\{|\/\/|[\u0000-\u0020\u007f-\u009f\u202a-\u202e\u2066-\u2069~^:?*[\\]|(^|\/)\.|\.lock(\/|$)|[/.]$|^@$/;

/** Host names and addresses; git hands a host to `ssh`, where a leading hyphen would be an option. */
const HOST = /^(?:(?!.*\.\.)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;
const USER = /^[a-z0-9_][a-z0-9._-]*$/i;

/** A full object name: SHA-1 or SHA-256. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const LONGEST = 1024;

/** True for addresses that are read by git. */
export function isGitAddress(text: string): boolean {
  return /^git\+[a-z0-9]+:\/\//i.test(text);
}

/** True for what names one commit and never another. */
export function isCommit(ref: string): boolean {
  return COMMIT.test(ref);
}

/**
 * Reads `git+https://host/repository.git`, also over `ssh`, `http`, `git` and `file`, with `#ref`, `#ref:path` or `#:path` behind it.
 *
 * @returns what is wrong, where it is none
 */
export function parseGitReference(text: string): GitReference | string {
  const hash = text.indexOf('#');
  const address = hash < 0 ? text : text.slice(0, hash);
  const behind = hash < 0 ? '' : text.slice(hash + 1);
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  const [, protocol] = /^git\+(https|http|ssh|git|file):\/\//i.exec(address) ?? [];
  if (protocol === undefined)
    return 'git is asked by `git+https://`, `git+ssh://`, `git+http://`, `git+git://` or `git+file://`';
  const url = URL.parse(address.slice('git+'.length));
  if (url === null || /[\s\\\u0000-\u001f\u007f]/.test(address)) return 'it is no address';
  const wrong = whatIsWrongIn(url);
  if (wrong !== undefined) return wrong;
  const colon = behind.indexOf(':');
  const ref = colon < 0 ? behind : behind.slice(0, colon);
  const path = colon < 0 ? '' : behind.slice(colon + 1).replace(/^(\.\/)+|\/+$/g, '');
  if (hash >= 0 && ref === '' && path === '') return 'no branch, tag or commit follows the `#`';
  if (ref !== '' && (NO_REF.test(ref) || ref.length > 255)) return `\`${ref}\` is no branch, tag or commit`;
  if (!isInside(path)) return `\`${path}\` is no folder inside the repository`;
  return {
    url: url.href,
    protocol: url.protocol.slice(0, -1) as GitReference['protocol'],
    ...(ref === '' ? {} : { ref }),
    path,
  };
}

/** Writes a reference so that `parseGitReference` reads the same again. */
export function formatGitReference({ url, ref = '', path }: Omit<GitReference, 'protocol'>): string {
  const folder = path === '' ? '' : `:${path}`;
  return `git+${url}${ref === '' && folder === '' ? '' : `#${ref}${folder}`}`;
}

function whatIsWrongIn(url: URL): string | undefined {
  if (url.search !== '') return 'a query is written in it';
  if (url.pathname === '/' || url.pathname === '') return 'it names no repository';
  // `ssh host path`: what the path begins with must not be an option there.
  if (/^\/*~?-/.test(url.pathname)) return 'its path begins with a hyphen';
  if (url.protocol === 'file:') return url.host === '' ? undefined : 'a host is written in it';
  if (!HOST.test(url.hostname)) return `\`${url.hostname}\` is no host`;
  if (url.password !== '') return 'a password is written in it';
  if (url.username === '') return undefined;
  if (url.protocol !== 'ssh:') return 'a user is written in it';
  return USER.test(url.username) ? undefined : `\`${url.username}\` is no user`;
}

function isInside(path: string): boolean {
  if (path === '') return true;
  if (/[\u0000-\u001f\u007f-\u009f\\\u202a-\u202e\u2066-\u2069]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
