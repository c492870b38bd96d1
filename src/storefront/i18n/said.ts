import type { Texts } from './en.ts';

/**
 * What the server says in English, in the language of the page where the table has it. `*` stands for a name, which stays as it is. What the
 * table does not have is shown as it came.
 */
export function said(text: string, t: Texts): string {
  for (const [theirs, ours] of t.said) {
    const [before = '', after] = theirs.split('*');
    if (after === undefined ? text !== theirs : !text.startsWith(before) || !text.endsWith(after)) continue;
    return ours.replace('*', () => text.slice(before.length, text.length - (after?.length ?? 0)));
  }
  return text;
}
