import { AppstoreError } from '../../domain/errors.ts';
import { rbac } from '../../services/rbac.ts';
import type { RbacSubject } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { clusterAndCatalogsOf } from '../target.ts';
import { templateRequest } from '../template-request.ts';
import { printResult } from '../views/print.ts';
import { manifestView } from '../views/stored.ts';

/** `appstore rbac <app> [name]` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterAndCatalogsOf(cli);
  const request = await templateRequest(cli);
  const objects = await rbac(
    deps,
    {
      ...request,
      namespace: cli.options.namespace ?? deps.cluster.target.namespace,
      subject: subjectOf(cli, request.name),
      createNamespace: cli.options.createNamespace === true,
    },
    cli.io.signal,
  );
  // YAML is the stream of documents that kubectl reads, not a List.
  const { output, ...options } = cli.options;
  const view = manifestView(objects);
  await printResult({ ...cli, options: output === 'json' ? { ...options, output } : options }, view);
}

function subjectOf({ options }: Cli, name: string): RbacSubject {
  const { serviceAccount, user, group } = options;
  const named = [
    ...(serviceAccount === undefined ? [] : [{ kind: 'ServiceAccount', name: serviceAccount } as const]),
    ...(user === undefined ? [] : [{ kind: 'User', name: user } as const]),
    ...(group === undefined ? [] : [{ kind: 'Group', name: group } as const]),
  ];
  if (named.length > 1)
    throw new AppstoreError('USAGE', 'name one of --service-account, --user and --group', {
      hint: 'Run the command once for each.',
    });
  return named[0] ?? { kind: 'ServiceAccount', name: `${name}-installer` };
}
