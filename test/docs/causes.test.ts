import { describe, expect, it } from 'vitest';
import { commonFlags, type FlagSpec } from '../../src/cli/flags.ts';
import { type CommandSpec, commands } from '../../src/cli/tree.ts';
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
