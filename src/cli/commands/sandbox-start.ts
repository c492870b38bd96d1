import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { Cli } from '../cli.ts';
import { createSandboxProgress } from '../progress/sandbox.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore sandbox start` */
export async function run(cli: Cli): Promise<undefined> {
  const sandboxes = await cli.context.sandboxes();
  const progress = await createSandboxProgress(cli);
  const sandbox = await sandboxes
    .start({
      name: cli.options.sandboxName ?? 'default',
      mode: 'detached',
      emit: progress.emit,
      signal: cli.io.signal,
    })
    .finally(progress.stop);
  const { name, server, kubeconfig, context, existing } = sandbox;
  const data = {
    apiVersion,
    kind: 'Sandbox',
    name,
    server,
    kubeconfig,
    context,
    existing,
    notice: SANDBOX_NOTICE,
  };
  await printResult(cli, { data, text: () => `${kubeconfig}\n` });
  say(cli, `Sandbox ${name} ${existing ? 'runs already' : 'is up'} at ${server}; ${SANDBOX_NOTICE}.`);
  say(cli, `Use it: export KUBECONFIG=${kubeconfig}`);
}
