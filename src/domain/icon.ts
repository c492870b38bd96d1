import type { PackageFile } from './app.ts';
import { svgProblem } from './safe-svg.ts';

/** Bytes of an icon: real ones have some thousand. */
const longestIcon = 256 * 1024;

/** A picture that a page may show. */
export interface Icon {
  readonly extension: string;
  readonly content: Uint8Array;
}

/** Pictures, by how they begin. What a browser may take for something else has no place here. */
const pictures: readonly { readonly extension: string; readonly begins: RegExp; readonly reason: string }[] =
  [
    { extension: 'png', begins: /^\x89PNG\r\n\x1a\n/, reason: 'https://www.w3.org/TR/png-3/#3PNGsignature' },
    { extension: 'jpg', begins: /^\xff\xd8\xff/, reason: 'ISO 10918-1, SOI and the marker behind it' },
    { extension: 'webp', begins: /^RIFF....WEBP/s, reason: 'RFC 9649' },
  ];

/**
 * The icon of a package, checked: pages show it by `<img>`, where nothing in it runs, but it has an address of its own, too, and there an
 * SVG would run its scripts in the name of the site.
 *
 * @returns the reason where it cannot be shown; undefined where the package has none
 */
export function iconOf(path: string, files: readonly PackageFile[]): Icon | string | undefined {
  if (path === '') return undefined;
  const file = files.find((one) => one.path === path);
  if (file === undefined) return 'it is not in the package';
  const { content } = file;
  if (content.length > longestIcon) return `it has ${content.length} bytes; at most ${longestIcon} are shown`;
  const start = Buffer.from(content.subarray(0, 16)).toString('latin1');
  const picture = pictures.find(({ begins }) => begins.test(start));
  if (picture !== undefined) return { extension: picture.extension, content };
  const problem = svgProblem(textOf(content));
  return problem === undefined ? { extension: 'svg', content } : `as an SVG, ${problem}`;
}

/** In an encoding that is declared otherwise, a browser would read other letters than these checks. */
function textOf(content: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    const declared = /^\s*<\?xml[^?]*encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
    return declared === undefined || /^(utf-8|us-ascii)$/i.test(declared) ? text : '';
  } catch {
    return '';
  }
}
