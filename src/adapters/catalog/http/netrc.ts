/** A user and password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * What a netrc file (`~/.netrc`, curl's and git's) says of a host; `default` counts for every other. Macros are passed over.
 *
 * @param host host name without port, as netrc knows no ports
 */
export function loginOfNetrc(text: string, host: string): Login | undefined {
  const words = wordsOf(text);
  let matched: Partial<Login> | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === 'machine' || word === 'default') {
      if (matched !== undefined) break;
      if (word === 'default' || words[at + 1]?.toLowerCase() === host.toLowerCase()) matched = {};
      if (word === 'machine') at += 1;
    } else if (word === 'login' || word === 'account' || word === 'password') {
      at += 1;
      const key = word === 'login' ? 'username' : word === 'password' ? 'password' : undefined;
      if (matched !== undefined && key !== undefined) matched = { ...matched, [key]: words[at] ?? '' };
    }
  }
  return matched?.password === undefined
    ? undefined
    : { username: matched.username ?? '', password: matched.password };
}

/** Words may be quoted, with `\` before a quote; `#` begins a comment; a macro (`macdef`) ends with an empty line. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replace(/(?:^|\s)macdef\s[\s\S]*?(?:\n\s*\n|$)/g, '\n');
  const tokens = plain.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return tokens
    .filter((token) => !token.startsWith('#'))
    .map((token) => (token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token));
}
