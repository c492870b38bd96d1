import { objectRules } from './object-rules.ts';
import { packageRules } from './package-rules.ts';
import { podRules } from './pod-rules.ts';
import type { LintRule } from './rule.ts';

/** Every rule there is. docs/lint.md is generated from it. */
export const lintRules: readonly LintRule[] = [...packageRules, ...podRules, ...objectRules];

/** A rule by its name. */
export function ruleNamed(name: string): LintRule {
  const found = lintRules.find((rule) => rule.name === name);
  if (found === undefined) throw new Error(`no rule ${name}`);
  return found;
}
