import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { completionScripts } from '../../src/cli/completion/scripts.ts';

/** What bash would offer for words that it has split, where `appstore __complete` answers with `answer`. */
async function inBash(words: readonly string[], answer: string): Promise<string[]> {
  const script = [
    completionScripts.bash,
    'appstore() { printf "%s" "$ANSWER"; }',
    'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))',
    '_appstore appstore',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', ...words], {
    env: { ...process.env, ANSWER: answer },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the bash script', () => {
  it('offers what the program answers, without the meanings', async () => {
    expect(await inBash(['appstore', 'inst'], 'install\tinstall an app\n')).toEqual(['install']);
  });

  it('offers nothing where the program answers nothing', async () => {
    expect(await inBash(['appstore', 'version', ''], '')).toEqual([]);
  });

  it('leaves files to bash', async () => {
    expect(await inBash(['appstore', 'show', './package-l'], ':files\t\n')).toEqual(['./package-lock.json']);
  });

  it('evaluates nothing of an answer', async () => {
    expect(await inBash(['appstore', 'show', ''], '$(echo run)\tx\n`echo run`\tx\n')).toEqual([
      '$(echo run)',
      '`echo run`',
    ]);
  });
});
