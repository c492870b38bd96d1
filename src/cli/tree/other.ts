import type { CommandSpec } from '../cli.ts';
import { catalogFlags } from '../flags/catalogs.ts';
import { clusterFlags, valueOutput } from '../flags/common.ts';
import type { FlagSpec } from '../flags/flag.ts';
import { loginFlags, serveFlags } from '../flags/serve.ts';
import { groups } from './texts.ts';

const sandboxFlags: readonly FlagSpec[] = [
  {
    flags: '--name <name>',
    description: 'name of the sandbox (`default` if not given)',
    group: 'Sandbox:',
    attribute: 'sandboxName',
  },
];

const statusFlags: readonly FlagSpec[] = sandboxFlags.map((flag) => ({
  ...flag,
  description: 'name of the sandbox (all of them if not given)',
}));

/** Everything else. */
export const otherCommands: readonly CommandSpec[] = [
  {
    name: 'serve',
    summary: 'serve the app store over HTTP: a REST API on this machine, or in a cluster for many',
    description:
      'Prints a link that logs in whoever opens it first. Everything is done with the rights of whoever asks: yours on this machine, those of the token of each request with `--auth token`, those of whoever is logged in with `--auth oidc`. It ends with Ctrl-C or SIGTERM; what it was at can be gone on with.',
    group: groups.other,
    flags: [...clusterFlags.slice(0, 2), ...catalogFlags, ...serveFlags, ...loginFlags, valueOutput],
    examples: [
      ['appstore serve', 'on this machine, with your kubeconfig'],
      ['appstore serve --auth token --listen 0.0.0.0', 'in a pod: callers bring their tokens'],
    ],
    load: () => import('../commands/serve.ts'),
  },
  {
    name: 'doctor',
    summary: 'examine the cluster, the catalogs and what is stuck or orphaned, each with a fix',
    description: 'Writes nothing. Exit 1 where there is a problem; warnings do not count.',
    group: groups.other,
    flags: [...clusterFlags, ...catalogFlags, valueOutput],
    examples: [['appstore doctor', 'before asking for help']],
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'sandbox',
    summary: 'a throwaway Kubernetes control plane on this machine, for trying and testing',
    description: 'Nodes are simulated: no container runs.',
    group: groups.other,
    children: [
      {
        name: 'start',
        summary: 'start a sandbox and print the path of its kubeconfig',
        group: groups.other,
        flags: [...sandboxFlags, valueOutput],
        examples: [['export KUBECONFIG=$(appstore sandbox start)', 'start it and use it']],
        load: () => import('../commands/sandbox-start.ts'),
      },
      {
        name: 'stop',
        summary: 'stop a sandbox and delete everything of it',
        group: groups.other,
        flags: [...sandboxFlags, valueOutput],
        load: () => import('../commands/sandbox-stop.ts'),
      },
      {
        name: 'status',
        summary: 'show whether a sandbox runs, and where',
        group: groups.other,
        flags: [...statusFlags, valueOutput],
        load: () => import('../commands/sandbox-status.ts'),
      },
    ],
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print a completion script for bash, zsh or fish',
    description: 'Completes commands, flags, apps, installations, namespaces and contexts.',
    group: groups.other,
    examples: [
      ['source <(appstore completion bash)', 'bash: also from ~/.bashrc'],
      ['source <(appstore completion zsh)', 'zsh: after compinit in ~/.zshrc'],
      ['appstore completion fish | source', 'fish: also from config.fish'],
    ],
    complete: [['bash', 'zsh', 'fish']],
    load: () => import('../commands/completion.ts'),
  },
  {
    name: 'version',
    summary: 'print the version',
    group: groups.other,
    flags: [valueOutput],
    load: () => import('../commands/version.ts'),
  },
  {
    name: '__complete',
    args: '[words...]',
    summary: 'answer the completion scripts',
    group: groups.other,
    hidden: true,
    load: () => import('../commands/complete.ts'),
  },
];
