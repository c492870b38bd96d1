import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../src/cli/cli.ts';
import { commonFlags } from '../../src/cli/flags/common.ts';
import type { FlagSpec } from '../../src/cli/flags/flag.ts';
import { commands } from '../../src/cli/tree.ts';
import { causeCodes } from '../../src/domain/causes.ts';
import { fixFor } from '../../src/domain/fixes.ts';
import type { CauseCode } from '../../src/domain/health.ts';

const codes = Object.keys(causeCodes) as CauseCode[];
const subject = {
  name: 'db',
  namespace: 'shop',
  app: 'builtin/postgres',
  objects: [
    { group: '', kind: 'Pod', namespace: 'shop', name: 'db-0' },
    { group: 'apps', kind: 'StatefulSet', namespace: 'shop', name: 'db' },
  ],
};

function takes(spec: CommandSpec, flag: string): boolean {
  const known: readonly FlagSpec[] = [...(spec.flags ?? []), ...commonFlags];
  return known.some(({ flags }) => flags.split(/[ ,]+/).includes(flag));
}

describe('the commands of a cause', () => {
  it.each(codes)('%s has some, filled in and known to the program', (code) => {
    const { text, commands: lines } = fixFor(code, subject);
    expect(text).not.toBe('');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).not.toMatch(/<\w+>/);
      const [program, name, ...rest] = line.split(' ');
      if (program === 'kubectl') continue;
      const spec = commands.find((one) => one.name === name);
      expect(spec, line).toBeDefined();
      const flags = rest.filter((word) => word.startsWith('-'));
      expect(flags.filter((flag) => spec !== undefined && !takes(spec, flag))).toEqual([]);
    }
  });

  it('name the workload rather than a pod that may be gone', () => {
    expect(fixFor('CRASH_LOOP', subject).commands).toContain(
      'appstore logs db StatefulSet/db -n shop --previous',
    );
    expect(fixFor('CRASH_LOOP', { ...subject, objects: [] }).commands).toContain(
      'appstore logs db -n shop --previous',
    );
  });

  it('hold nothing that a shell would take for more than a word', () => {
    const hostile = { ...subject, name: 'a;reboot', objects: [{ ...subject.objects[0], name: '$(reboot)' }] };
    const text = fixFor('CRASH_LOOP', hostile as typeof subject).commands.join('\n');
    expect(text).not.toContain('reboot');
  });

  it('of a cause that a later version knows are those of ERROR', () => {
    expect(fixFor('BRAND_NEW' as CauseCode, subject)).toEqual(fixFor('ERROR', subject));
  });
});

/**
 * The test that brings each cause about on a real API server, by file and name (a row's name where the test is a table). With it the
 * documented table is held against what the program really answers.
 */
const proofs: Readonly<Record<CauseCode, readonly [file: string, name: string]>> = {
  IMAGE_PULL_NOT_FOUND: ['why', 'an image that is not there'],
  IMAGE_PULL_AUTH: ['why', 'an image that may not be pulled'],
  IMAGE_PULL_NETWORK: ['why', 'a registry that is not reached'],
  IMAGE_NAME_INVALID: ['why', 'an image name that is none'],
  CRASH_LOOP: ['why', 'a container that keeps ending'],
  OOM_KILLED: ['why', 'a container that uses too much memory'],
  CONFIG_INVALID: ['why', 'a Secret that is missing'],
  PROBE_FAILING: ['why', 'a probe that fails'],
  UNSCHEDULABLE_CPU: ['why', 'more CPU than there is'],
  UNSCHEDULABLE_MEMORY: ['why', 'more memory than there is'],
  UNSCHEDULABLE: ['why', 'no node that it may run on'],
  VOLUME_UNBOUND: ['why', 'a storage class that is not there'],
  QUOTA_EXCEEDED: ['why', 'why: a quota that leaves no room for the pods'],
  ADMISSION_DENIED: ['why', 'why: a policy that refuses the pods'],
  FORBIDDEN: ['why', 'who may not read Secrets still gets cause and message'],
  JOB_FAILED: ['why', 'a Job that failed'],
  PROGRESS_DEADLINE: ['why', 'a Deployment that is slower than it says'],
  TERMINATING: ['why', 'why: an object that is being deleted'],
  MISSING: ['why', 'what is missing is told'],
  NOT_READY: ['why', 'a container that is still being made'],
  TIMEOUT: ['why', 'why: a time that ran out'],
  INTERRUPTED: ['resume', 'upgrade --undo goes back from an upgrade that was killed'],
  CONFLICT: ['why', 'a definition whose names another one has'],
  ERROR: ['why', 'why: a pod that failed for good'],
};

describe('the documented causes', () => {
  it('are those that the program knows, no more and no less', async () => {
    const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const table = page.slice(page.indexOf('## Cause codes'));
    const documented = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(documented).toEqual(codes);
    expect(documented.sort()).toEqual(Object.keys(proofs).sort());
  });

  it.each(Object.entries(proofs))('%s is brought about on a real API server', async (code, [file, name]) => {
    const source = await readFile(new URL(`../cli/${file}.test.ts`, import.meta.url), 'utf8');
    const [, test = ''] = source.split(name);
    // Up to the next test, or the next row of the table.
    const [body = ''] = test.split(/^(?:test|\}| {2}'[^']+': \{)/m);
    expect(test, `${file}.test.ts has "${name}"`).not.toBe('');
    expect(`${body}`).toContain(`'${code}'`);
  });
});
