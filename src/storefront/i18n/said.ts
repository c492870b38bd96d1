import type { Texts } from './en.ts';

/**
 * What the server says in English, in the language of the page where the table has it. Each `*` stands for a name, which stays as it is; the
 * names come in the same order in both. What the table does not have is shown as it came.
 */
export function said(text: string, t: Texts): string {
  for (const [theirs, ours] of t.said) {
    const found = patternOf(theirs).exec(text);
    if (found === null) continue;
    const names = found.slice(1);
    return ours.replaceAll('*', () => names.shift() ?? '');
  }
  return text;
}

/** The same as a sentence of its own: messages of the server begin with a small letter. */
export function saidAlone(text: string, t: Texts): string {
  const sentence = said(text, t);
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}

/** How a part is: in short (`0/1 ready`), and why. The reason often begins with the same, which is said once. */
export function saidOnce(short: string, reason: string, t: Texts): string {
  const why = said(reason, t);
  const told = reason.startsWith(short) || why.startsWith(short) ? [why] : [short, why];
  return told.filter((one) => one !== '').join(' · ');
}

function patternOf(theirs: string): RegExp {
  const literal = theirs.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('(.*?)')}$`, 's');
}
