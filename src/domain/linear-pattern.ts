import { RE2JS } from 're2js';

/** A compiled regular expression. */
export interface LinearPattern {
  /** True where it occurs anywhere in the text (JSON Schema `pattern` and CEL `matches` are both unanchored). */
  found(text: string): boolean;
}

/** Longer expressions are refused: compiled size grows with them. */
const longestPattern = 1_000;

/**
 * Compiles a regular expression in RE2 syntax, which runs in time linear in the text: packages come from others, and a
 * backtracking engine takes minutes for `^(a+)+$` on 30 characters.
 *
 * @returns the pattern, or why it is none.
 */
export function compilePattern(source: string): LinearPattern | { readonly problem: string } {
  if (source.length > longestPattern) return { problem: `longer than ${longestPattern} characters` };
  try {
    const compiled = RE2JS.compile(source);
    return { found: (text) => compiled.test(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'not a regular expression' };
  }
}
