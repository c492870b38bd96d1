import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { findOpen, type OpenTarget } from '../../services/open.ts';
import type { ChangeDeps } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore open <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const target = await busy(cli, 'Looking', findOpen(deps, name, cli.io.signal));
  tellPending(cli, name, target.pending);
  const url = target.url ?? (await forward(cli, deps, target));
  await printResult(cli, {
    data: { apiVersion, kind: 'Link', title: target.link.title, url },
    text: () => cleanLine(url, 2048),
  });
  // The record is others' to edit as well: nothing but a web address is handed to the system.
  if (cli.options.browser !== false && cli.io.stdout.isTTY === true && /^https?:\/\//.test(url)) {
    await cli.context
      .openBrowser(url)
      .catch(() => say(cli, 'No browser could be started: open the address yourself.'));
  }
  if (target.url !== undefined) return;
  say(cli, 'Forwarding until Ctrl-C.');
  await ended(cli.io.signal);
}

async function forward(cli: Cli, deps: ChangeDeps, target: OpenTarget): Promise<string> {
  const { pod, port, link } = target;
  if (pod === undefined || port === undefined) return '';
  const { port: local } = cli.options;
  const listening = await deps.cluster.portForward(pod, port, {
    ...(local === undefined ? {} : { localPort: local }),
    signal: cli.io.signal,
    onError: (error) => say(cli, `A connection failed: ${error.message}`),
  });
  const path = (link.service?.path ?? '').replace(/^\/*/, '/');
  return `${link.service?.scheme ?? 'http'}://127.0.0.1:${listening.port}${path}`;
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // Something has to keep the process up besides the listening socket, which may close by itself.
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
}
