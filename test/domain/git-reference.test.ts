import { describe, expect, test } from 'vitest';
import { formatGitReference, parseGitReference } from '../../src/domain/git-reference.ts';
import { parseReference } from '../../src/domain/reference.ts';

const commit = 'a'.repeat(40);

describe('an address of a git repository', () => {
  test.each([
    ['git+https://host/repo.git', { url: 'https://host/repo.git', protocol: 'https', path: '' }],
    [
      'git+https://host:8443/a/b#v1.2',
      { url: 'https://host:8443/a/b', protocol: 'https', ref: 'v1.2', path: '' },
    ],
    [
      'git+https://host/r.git#v1.2:charts/x',
      { url: 'https://host/r.git', protocol: 'https', ref: 'v1.2', path: 'charts/x' },
    ],
    ['git+https://host/r.git#:charts/x', { url: 'https://host/r.git', protocol: 'https', path: 'charts/x' }],
    [
      'git+https://host/r.git#feature/a+b@1',
      { url: 'https://host/r.git', protocol: 'https', ref: 'feature/a+b@1', path: '' },
    ],
    [
      `git+http://localhost/r#${commit}`,
      { url: 'http://localhost/r', protocol: 'http', ref: commit, path: '' },
    ],
    [
      'git+ssh://git@host/team/r.git#main',
      { url: 'ssh://git@host/team/r.git', protocol: 'ssh', ref: 'main', path: '' },
    ],
    [
      'git+git://host:9419/r.git#main:apps',
      { url: 'git://host:9419/r.git', protocol: 'git', ref: 'main', path: 'apps' },
    ],
    [
      'git+file:///srv/git/r.git#refs/tags/v1',
      { url: 'file:///srv/git/r.git', protocol: 'file', ref: 'refs/tags/v1', path: '' },
    ],
  ])('%s', (text, expected) => {
    const read = parseGitReference(text);
    expect(read).toEqual(expected);
    if (typeof read === 'string') throw new Error(read);
    expect(formatGitReference(read)).toBe(text);
    expect(parseReference(text)).toEqual({ text, name: '', location: text });
  });

  test.each([
    ['a command in the place of a protocol', 'git+ext://sh -c touch% /tmp/x', /git\+https/],
    ['a helper in the place of a protocol', 'git+ext::sh', /git\+https|more than one|not a name/],
    ['a user for a protocol that knows none', 'git+git://ann@host/r', /a user is written in it/],
    ['an option in the place of a host of git daemon', 'git+git://--upload-pack=x/r', /is no host/],
    ['an option in the place of a host', 'git+ssh://-oProxyCommand=x/r', /is no host/],
    ['an option in the place of a user', 'git+ssh://-oProxyCommand=x@host/r', /is no user/],
    ['an option in the place of a path', 'git+ssh://host/-x', /begins with a hyphen/],
    ['an option in the place of a path at home', 'git+ssh://host/~-x', /begins with a hyphen/],
    [
      'an option in the place of a ref',
      'git+https://host/r#--upload-pack=touch',
      /is no branch, tag or commit/,
    ],
    ['a password', 'git+https://u:hunter2@host/r', /a password is written in it/],
    ['a token as a user', 'git+https://hunter2@host/r', /a user is written in it/],
    ['a query', 'git+https://host/r?token=x', /a query is written/],
    ['no repository', 'git+https://host', /names no repository/],
    ['a host in a path of this machine', 'git+file://host/r', /a host is written/],
    ['nothing behind the hash', 'git+https://host/r#', /no branch, tag or commit follows/],
    ['a range of commits', 'git+https://host/r#a..b', /is no branch/],
    ['a refspec', 'git+https://host/r#+a', undefined],
    ['a pattern', 'git+https://host/r#v*', /is no branch/],
    ['a reflog', 'git+https://host/r#main@{1}', /is no branch/],
    ['a direction override', 'git+https://host/r#a\u202eb', /is no branch/],
    ['a path that leads out', 'git+https://host/r#main:../x', /is no folder inside/],
    ['a path that leads out on the way', 'git+https://host/r#main:a/../../x', /is no folder inside/],
    ['an absolute path', 'git+https://host/r#main:/etc', /is no folder inside/],
    ['a line feed', 'git+https://host/r\nx', /is no address/],
    ['a blank', 'git+https://host/a b', /is no address/],
  ])('%s is refused', (_what, text, message) => {
    if (message === undefined) expect(typeof parseGitReference(text)).toBe('object');
    else expect(() => parseReference(text)).toThrow(message);
  });
});
