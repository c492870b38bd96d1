import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { ResultView } from './print.ts';
import { renderTable } from './table.ts';

/** Container images, each with what uses it. */
export function imageListView(
  images: readonly { readonly image: string; readonly used: readonly string[] }[],
): ResultView {
  return {
    data: {
      apiVersion,
      kind: 'ImageList',
      items: images.map(({ image, used }) => ({ image, usedBy: used })),
    },
    names: () => images.map(({ image }) => cleanLine(image)),
    text: (style) =>
      renderTable(
        [{ title: 'IMAGE' }, { title: 'USED BY', flexible: true }],
        images.map(({ image, used }) => [cleanLine(image), cleanLine(used.join(', '))]),
        style,
      ),
  };
}
