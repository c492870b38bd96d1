import type { CommandSpec } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { catalogFlags } from '../flags/catalogs.ts';
import { clusterScopeFlag, timeoutFlag, waitForLockFlag, writeFlags } from '../flags/change.ts';
import {
  allNamespacesFlag,
  asking,
  clusterFlags,
  listOutput,
  noInputFlag,
  plainOutput,
  valueOutput,
} from '../flags/common.ts';
import { portNumber, positiveInteger } from '../flags/flag.ts';
import { groups } from './texts.ts';

const logGroup = 'Logs:';

/** What looks at installations. */
export const lookCommands: readonly CommandSpec[] = [
  {
    name: 'test',
    args: '<name>',
    summary: 'run the tests that an app brings',
    description:
      'Runs the test hooks of the deployed revision, all of them, one after the other. Exit 6 where one fails. What a test leaves stays until the next run, or goes as it says itself.',
    group: groups.look,
    writes: true,
    flags: [
      ...clusterFlags,
      { flags: '--only <name>', description: 'only the test of this name', repeat: true, group: asking },
      { flags: '--logs', description: 'show the log of every test', group: asking },
      clusterScopeFlag,
      timeoutFlag,
      waitForLockFlag,
      noInputFlag,
      plainOutput,
    ],
    examples: [['appstore test web --logs', 'with what they say']],
    complete: ['installations'],
    load: () => import('../commands/test.ts'),
  },
  {
    name: 'list',
    alias: 'ls',
    summary: 'list installations',
    group: groups.look,
    description:
      'With `--helm` the releases that Helm manages stand beside the installations, each with its manager. Their charts are in no label: with `-o wide`, `json` or `yaml`, or where there are at most 20, the newest revision of each is read, one request a release.',
    flags: [
      ...clusterFlags,
      allNamespacesFlag,
      { flags: '--helm', description: "Helm's own releases too", group: 'Output:' },
      listOutput,
    ],
    examples: [
      ['appstore list -A', 'in all namespaces'],
      ['appstore list --helm -A', "Helm's releases too"],
    ],
    load: () => import('../commands/list.ts'),
  },
  {
    name: 'outdated',
    summary: 'list installations that their catalog has a newer version of',
    group: groups.look,
    flags: [
      ...clusterFlags,
      allNamespacesFlag,
      ...catalogFlags,
      { flags: '--exit-code', description: 'exit 3 where there are newer versions', group: 'Output:' },
      plainOutput,
    ],
    examples: [['appstore outdated -A', 'in all namespaces']],
    load: () => import('../commands/outdated.ts'),
  },
  {
    name: 'status',
    args: '<name>',
    summary: 'show how an installation is: every object with state and reason',
    group: groups.look,
    flags: [
      ...clusterFlags,
      { flags: '--exit-code', description: 'exit 6 where it is not healthy', group: 'Output:' },
      listOutput,
    ],
    examples: [['appstore status db', 'the state now']],
    complete: ['installations'],
    load: () => import('../commands/status.ts'),
  },
  {
    name: 'why',
    args: '<name>',
    summary: 'say why an installation is not healthy: cause, evidence, and what to try',
    description:
      'Looks at the installation as it is now. With `--revision` it tells what was found when that revision failed, even after it was undone.',
    group: groups.look,
    flags: [
      ...clusterFlags,
      {
        flags: '--revision <number>',
        description: 'what was found when this revision failed',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      { flags: '--exit-code', description: 'exit 6 where it is not healthy', group: 'Output:' },
      plainOutput,
    ],
    examples: [
      ['appstore why db', 'what is wrong now'],
      ['appstore why db --revision 3', 'why that upgrade failed'],
      ['appstore why db -o name', 'the cause code alone'],
    ],
    complete: ['installations'],
    load: () => import('../commands/why.ts'),
  },
  {
    name: 'logs',
    args: '<name> [object]',
    summary: 'print the logs of an installation',
    description:
      '`[object]` is `Kind/name` of the installation, or a pod of it; without it the logs of all its pods are printed. Secrets are masked; on a terminal control sequences are taken out.',
    group: groups.look,
    flags: [
      ...clusterFlags,
      { flags: '-c, --container <name>', description: 'only containers of this name', group: logGroup },
      {
        flags: '--previous',
        description: 'of the run before the last restart',
        group: logGroup,
      },
      {
        flags: '--tail <count>',
        description: 'lines of each container, from the end (100 if not given)',
        group: logGroup,
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      {
        flags: '--since <duration>',
        description: 'only lines that are not older, like 90s, 5m or 1h30m',
        group: logGroup,
        parse: parseDuration,
        expects: 'a duration like 90s, 5m or 1h30m',
      },
      {
        flags: '-f, --follow',
        description: 'go on with what comes until Ctrl-C, new pods and restarts included',
        group: logGroup,
      },
      {
        flags: '-o, --output <format>',
        description: 'json: one object a line',
        group: 'Output:',
        choices: ['json'],
      },
    ],
    examples: [
      ['appstore logs db', 'of all its pods'],
      ['appstore logs db StatefulSet/db --previous', 'why it ended the last time'],
      ['appstore logs wiki -c web --follow', 'of one container, as it comes'],
    ],
    complete: ['installations'],
    load: () => import('../commands/logs.ts'),
  },
  {
    name: 'events',
    args: '<name>',
    summary: 'list the events of an installation, the newest last',
    description:
      'About its objects and what belongs to them: ReplicaSets, Jobs, pods and claims, also those that are gone.',
    group: groups.look,
    flags: [...clusterFlags, listOutput],
    examples: [
      ['appstore events db', 'what happened to it lately'],
      ['appstore events db -o wide', 'with whole messages, however long'],
    ],
    complete: ['installations'],
    load: () => import('../commands/events.ts'),
  },
  {
    name: 'history',
    args: '<name>',
    summary: 'list the revisions of an installation',
    group: groups.look,
    flags: [...clusterFlags, listOutput],
    examples: [['appstore history db', 'newest first']],
    complete: ['installations'],
    load: () => import('../commands/history.ts'),
  },
  {
    name: 'drift',
    args: '<name>',
    summary: 'show what in the cluster differs from the revision, and who did it; take it back',
    description:
      'What others added beside the fields of the app is no drift. Writes nothing without `--repair`. Exit 3 with `--exit-code` where something differs.',
    group: groups.look,
    writes: true,
    flags: [
      ...clusterFlags,
      { flags: '--repair', description: 'take back what differs', group: 'Deciding:' },
      {
        flags: '--only <object>',
        description: 'with --repair: this object, or this field of it: Kind/name:.path.to.field (repeatable)',
        group: 'Deciding:',
        repeat: true,
      },
      ...writeFlags.filter(({ flags }) => flags !== '--exit-code'),
      clusterScopeFlag,
      { flags: '--exit-code', description: 'exit 3 where something differs', group: 'Output:' },
      plainOutput,
    ],
    examples: [
      ['appstore drift db --exit-code', 'in a pipeline, every night'],
      ['appstore drift db --repair --only Deployment/db:.spec.replicas', 'one field back'],
    ],
    complete: ['installations'],
    load: () => import('../commands/drift.ts'),
  },
  {
    name: 'verify',
    args: '<name>',
    summary: 'look for what is left of a removed installation; exit 0 only where nothing is',
    description:
      'Needs no record: it looks at every kind that the cluster serves. Exit 1 where something is left, 7 where you may not look at everything.',
    group: groups.look,
    flags: [...clusterFlags, plainOutput],
    examples: [['appstore verify db', 'after `appstore remove db --purge-data`']],
    load: () => import('../commands/verify.ts'),
  },
  {
    name: 'get',
    args: '<name> <part>',
    summary: 'print values, manifest, notes or outputs as stored',
    description:
      '`<part>` is values, manifest, notes or outputs. Secrets are masked; `appstore credentials` shows them. Releases of Helm can be read as well.',
    group: groups.look,
    flags: [
      ...clusterFlags,
      {
        flags: '--revision <number>',
        description: 'of this revision; else of the current one',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      valueOutput,
    ],
    examples: [
      ['appstore get db values', 'what the user gave'],
      ['appstore get db manifest --revision 2', 'what an older revision applied'],
    ],
    complete: ['installations', ['values', 'manifest', 'notes', 'outputs']],
    load: () => import('../commands/get.ts'),
  },
  {
    name: 'export',
    args: '<name>',
    summary: 'write an installation back as a Helm chart with its values',
    description:
      'Of an installation, or of a release of Helm. Makes the folder `<name>` with `chart/` and `values.yaml`. The chart is the one that was installed; where Helm would not make the same of it (an app that is no chart, patches, subcharts that the record does not have) it is made of the objects. What is secret stands in `values.yaml` alone, which only you can read. Nothing in the cluster is touched.',
    group: groups.look,
    flags: [
      ...clusterFlags,
      { flags: '--as-chart', description: 'as a Helm chart; there is no other form', group: 'Output:' },
      {
        flags: '--out <folder>',
        description: 'where the folder is made; here if not given',
        group: 'Output:',
        complete: 'folders',
      },
      {
        flags: '--revision <number>',
        description: 'of this revision; else of what is deployed',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      valueOutput,
    ],
    examples: [
      ['appstore export db --as-chart', 'makes db/chart and db/values.yaml'],
      ['helm template db db/chart -f db/values.yaml', 'what Helm makes of them'],
    ],
    complete: ['installations'],
    load: () => import('../commands/export.ts'),
  },
  {
    name: 'credentials',
    alias: 'creds',
    args: '<name> [key]',
    summary: 'list or print generated secrets, and what a chart keeps in its own',
    description:
      'Without a key it lists their names: paths in the values, or `SECRET/KEY` for what a chart keeps in its Secrets. With a key it prints that one value and nothing else.',
    group: groups.look,
    flags: [
      ...clusterFlags,
      { flags: '--all', description: 'print every value', group: 'Output:' },
      valueOutput,
    ],
    examples: [
      ['appstore credentials db', 'which there are'],
      ['appstore credentials db auth.password | pbcopy', 'one of them'],
    ],
    complete: ['installations'],
    load: () => import('../commands/credentials.ts'),
  },
  {
    name: 'open',
    args: '<name>',
    summary: "open an app's address; without an Ingress it forwards a port until Ctrl-C",
    group: groups.look,
    flags: [
      ...clusterFlags,
      { flags: '--no-browser', description: 'print the address and open nothing', group: 'Output:' },
      {
        flags: '--port <number>',
        description: 'local port to forward from',
        group: 'Output:',
        parse: portNumber,
        expects: 'a port from 1 to 65535',
      },
      valueOutput,
    ],
    examples: [['appstore open wiki', 'in the browser']],
    complete: ['installations'],
    load: () => import('../commands/open.ts'),
  },
];
