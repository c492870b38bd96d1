import type { FlagSpec } from './flag.ts';

const given = 'Values:';

/** Host, port, path, as image references have them (distribution/reference). Empty takes a stored mirror away. */
const registry = /^$|^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*\/?$/i;

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Flags that give values, for everything that renders. */
export const valueFlags: readonly FlagSpec[] = [
  {
    flags: '-f, --values <file>',
    description: 'values from a YAML or JSON file, `-` for stdin (repeatable)',
    group: given,
    repeat: true,
    complete: 'files',
  },
  assignment(
    'set',
    'path=value',
    'one value: a.b[0]=c; whole numbers, true, false, null and {a,b} are read as such',
  ),
  assignment('set-string', 'path=text', 'one value, always as text'),
  assignment('set-json', 'path=json', 'one value, written as JSON; or a map of values, which is merged'),
  assignment('set-literal', 'path=text', 'one value: all that follows the first `=`, as it stands'),
  assignment('set-file', 'path=file', 'one value: the text of a file'),
  assignment('set-secret', 'path=ref', 'one value from a Secret of the namespace: path=secret/NAME:KEY'),
  {
    flags: '--patch <file>',
    description:
      'changes to rendered objects: merge patches or RFC 6902, in the place of stored ones (repeatable)',
    group: given,
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--image-registry <mirror>',
    description: 'registry (and path) that stands in for that of every image',
    group: given,
    parse: (text) => (registry.test(text) ? text : undefined),
    expects: 'a registry, with a path or without, like registry.example.com/mirror',
  },
  {
    flags: '--image-pull-secret <name>',
    description: 'Secret to pull images with (repeatable)',
    group: given,
    repeat: true,
    parse: (text) => (text.length <= 253 && objectName.test(text) ? text : undefined),
    expects: 'the name of a Secret',
  },
];

export const versionFlag: FlagSpec = {
  flags: '--version <range>',
  description: 'version or range of the package, like 1.4.0 or ^1.4',
  group: given,
};

export const resetPatchesFlag: FlagSpec = {
  flags: '--reset-patches',
  description: 'forget the stored patches; those of --patch take their place',
  group: given,
};

export const resetValuesFlag: FlagSpec = {
  flags: '--reset-values',
  description: 'forget the stored values, patches and mirrors',
  group: given,
};

function assignment(flag: string, value: string, description: string): FlagSpec {
  return {
    flags: `--${flag} <${value}>`,
    description: `${description} (repeatable)`,
    group: given,
    repeat: true,
    attribute: 'assignments',
    parse: (text) => ({ flag, text }),
  };
}
