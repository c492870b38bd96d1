import { RE2JS } from 're2js';

/** A compiled regular expression. */
export interface LinearPattern {
  /** True where it occurs anywhere in the text (JSON Schema `pattern` and CEL `matches` are both unanchored). */
  found(text: string): boolean;
}

/** Longer expressions are refused: compiled size grows with them. */
const longestPattern = 1_000;

/**
 * What the engine of JavaScript runs in linear time too, and reads as RE2 does: anchored at the beginning, no groups, no
 * alternatives, one repetition without an end and one with an end at most. Most patterns of values are like that, and begin at once.
 */
const simple = (() => {
  const literal = '[A-Za-z0-9 _:/,@%=;<>~#!"\'&-]|\\\\[./+*?()[\\]{}|^$]|\\\\[dw]';
  const range = '\\[\\^?(?:[A-Za-z0-9 _.:/@%+*?=,;~#!$&\'"()|{}<>-]|\\\\[.\\-\\]\\[/dw])+\\]';
  const atom = `(?:${literal}|${range})`;
  const fixed = `(?:${atom}(?:\\{\\d{1,2}\\})?)*`;
  const open = `${atom}[*+]`;
  const bounded = `${atom}(?:\\?|\\{\\d{1,2},\\d{1,2}\\})`;
  const repeated = `(?:${open}|${bounded}|${open}${fixed}${bounded}|${bounded}${fixed}${open})?`;
  return new RegExp(`^\\^${fixed}${repeated}${fixed}\\$?$`);
})();

/** Longer ones are left to RE2: the check above is itself a regular expression. */
const longestSimple = 100;

/**
 * Compiles a regular expression in RE2 syntax, which runs in time linear in the text: packages come from others, and a
 * backtracking engine takes minutes for `^(a+)+$` on 30 characters.
 *
 * @returns the pattern, or why it is none.
 */
export function compilePattern(source: string): LinearPattern | { readonly problem: string } {
  if (source.length > longestPattern) return { problem: `longer than ${longestPattern} characters` };
  try {
    const native = nativePattern(source);
    if (native !== undefined) return { found: (text) => native.test(text) };
    const compiled = RE2JS.compile(source);
    return { found: (text) => compiled.test(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'not a regular expression' };
  }
}

/** True where the engine of JavaScript runs it in linear time too. */
export function isSimplePattern(source: string): boolean {
  return nativePattern(source) !== undefined;
}

function nativePattern(source: string): RegExp | undefined {
  if (source.length > longestSimple || !simple.test(source)) return undefined;
  try {
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
}
