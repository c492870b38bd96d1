import type { OpenLink, Output } from '../../domain/rendered.ts';
import { cleanLine } from '../../domain/text.ts';
import type { TextStyle } from './print.ts';

/** Outputs of an app, one a line. */
export function outputsText(outputs: readonly Output[], style: Pick<TextStyle, 'palette'>): string {
  const width = Math.max(0, ...outputs.map(({ name }) => name.length)) + 1;
  return outputs
    .map(({ name, value }) => `${style.palette.dim(`${cleanLine(name)}:`.padEnd(width))} ${cleanLine(value)}`)
    .join('\n');
}

/** Addresses of an app, or the command that leads there. */
export function linksText(
  links: readonly OpenLink[],
  target: { readonly name: string; readonly namespace: string },
  style: Pick<TextStyle, 'palette'>,
): string {
  return links
    .map(({ title, url }) => {
      const where =
        url === undefined ? `appstore open ${target.name} -n ${target.namespace}` : cleanLine(url);
      return `${cleanLine(title)}: ${style.palette.cyan(where)}`;
    })
    .join('\n');
}
