import { apiVersion } from '../../outputs/api-version.ts';
import type { ResultView } from './print.ts';

/** Where the server listens, and the link that logs in. */
export function serverView({
  address,
  link,
  metrics,
}: {
  readonly address: string;
  readonly link?: string;
  readonly metrics?: string;
}): ResultView {
  return {
    data: {
      ...{ apiVersion, kind: 'Server', address },
      ...(link === undefined ? {} : { link }),
      ...(metrics === undefined ? {} : { metrics }),
    },
    names: () => [link ?? address],
    text: ({ palette }) =>
      link === undefined
        ? `Listening on ${palette.cyan(address)}. Callers bring their tokens.`
        : [`Open ${palette.cyan(link)}`, 'It logs in once. Ctrl-C ends the server.'].join('\n'),
  };
}
