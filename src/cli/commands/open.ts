import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { addressOf, findOpen, type OpenTarget } from '../../services/open.ts';
import type { WriteDeps } from '../../services/requests.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { printResult, say } from '../views/print.ts';

/** Longest address that is shown whole and opened, characters: what browsers and servers agree on. */
const longest = 2048;

/** `appstore open <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const target = await busy(cli, 'Looking', findOpen(deps, name, cli.io.signal));
  tellPending(cli, name, target.pending);
  for (const { message } of target.problems) say(cli, cleanLine(`Warning: ${message}`));
  const forwards = target.pod !== undefined;
  const base = forwards ? await forward(cli, deps, target) : (target.base ?? '');
  const [url, shown] = [addressOf(target.link, base), addressOf(target.shown, base)];
  await printResult(cli, {
    data: { apiVersion, kind: 'Link', title: target.shown.title, url: shown },
    text: () => cleanLine(shown, longest),
  });
  if (url !== shown) say(cli, 'The address holds a secret of the app: it is shown masked.');
  const whole = cleanLine(url, longest) === url;
  if (!whole)
    say(cli, 'Warning: the address is too long or holds what cannot be shown: it is not shown as it is.');
  await openPage(cli, url, whole);
  if (!forwards) return;
  say(cli, 'Forwarding until Ctrl-C.');
  await ended(cli.io.signal);
}

/** The record is others' to edit as well: nothing but a web address that can be seen whole is handed to the system. */
async function openPage(cli: Cli, url: string, whole: boolean): Promise<void> {
  if (cli.options.browser === false || cli.io.stdout.isTTY !== true) return;
  if (!whole || !/^https?:\/\//.test(url))
    return say(cli, 'It is not opened: only web addresses are, and only as they are shown.');
  await cli.context
    .openBrowser(url)
    .catch(() => say(cli, 'No browser could be started: open the address yourself.'));
}

/** Forwards a port of this machine; answers the address without a path. */
async function forward(cli: Cli, deps: WriteDeps, target: OpenTarget): Promise<string> {
  const { pod, port, link } = target;
  if (pod === undefined || port === undefined) return '';
  const { port: local } = cli.options;
  const listening = await deps.cluster.portForward(pod, port, {
    ...(local === undefined ? {} : { localPort: local }),
    signal: cli.io.signal,
    onError: (error) => say(cli, `A connection failed: ${error.message}`),
  });
  return `${link.service?.scheme ?? 'http'}://127.0.0.1:${listening.port}`;
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
