import { catalogFlags } from './catalogs.ts';
import type { FlagSpec } from './flag.ts';

/** Headings in the help. */
export const target = 'Cluster:';
export const result = 'Output:';
export const asking = 'Asking and waiting:';

/** Flags that every command takes, before or after its name. */
export const commonFlags: readonly FlagSpec[] = [
  { flags: '-q, --quiet', description: 'nothing but the result and errors', group: result },
  {
    flags: '-v, --verbose',
    description: 'more: every field of a plan, the causes of an error',
    group: result,
  },
  {
    flags: '--color <when>',
    description: 'auto, always or never; auto heeds NO_COLOR, then FORCE_COLOR',
    group: result,
    choices: ['auto', 'always', 'never'],
  },
  { flags: '--no-color', description: 'the same as `--color never`', group: result },
];

/** Flags that say which cluster and namespace. */
export const clusterFlags: readonly FlagSpec[] = [
  {
    flags: '--context <name>',
    description: 'context of the kubeconfig; the current one if not given',
    group: target,
    complete: 'contexts',
  },
  {
    flags: '--kubeconfig <file>',
    description: 'kubeconfig file; else KUBECONFIG, else ~/.kube/config',
    group: target,
    complete: 'files',
  },
  {
    flags: '-n, --namespace <name>',
    description: 'namespace; else that of the context',
    group: target,
    complete: 'namespaces',
  },
];

export const allNamespacesFlag: FlagSpec = {
  flags: '-A, --all-namespaces',
  description: 'all namespaces',
  group: target,
};

const output = (choices: readonly string[]): FlagSpec => ({
  flags: '-o, --output <format>',
  description: 'how the result is written',
  group: result,
  choices,
});

export const listOutput = output(['table', 'wide', 'json', 'yaml', 'name']);

export const plainOutput = output(['table', 'json', 'yaml', 'name']);

export const valueOutput = output(['table', 'json', 'yaml']);

export const lintOutput = output(['table', 'wide', 'json', 'yaml', 'sarif']);

export const documentOutput = output(['yaml', 'json']);

export const noInputFlag: FlagSpec = {
  flags: '--no-input',
  description: 'never ask, even in a terminal',
  group: asking,
};

/** Flags that may stand before the command's name as well. */
export const leadingFlags: readonly FlagSpec[] = [...clusterFlags, ...catalogFlags, noInputFlag];
