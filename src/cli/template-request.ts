import type { TemplateRequest } from '../services/requests.ts';
import type { Cli } from './cli.ts';
import { readGiven } from './given-options.ts';
import { argument, nameOf, referenceOf } from './target.ts';

/** What `template` and `images` render, without a cluster. */
export async function templateRequest(cli: Cli): Promise<TemplateRequest> {
  const { options, io } = cli;
  const app = referenceOf(argument(cli, 0), options.version);
  return {
    app,
    name: await nameOf(cli, app),
    namespace: options.namespace ?? 'default',
    given: await readGiven(io, options),
    ...(options.kubeVersion === undefined ? {} : { kubernetes: options.kubeVersion }),
  };
}
