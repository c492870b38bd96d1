/** What is wrong with an SVG that is shown as an icon; undefined where it draws and does nothing else. */
export function svgProblem(text: string): string | undefined {
  const body = text
    .replace(/^\ufeff?\s*<\?xml\s[^?<>]*\?>/, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .trim();
  if (!/^<svg[\s/>]/.test(body)) return 'it does not begin with <svg>';
  if (body.includes('<!')) return 'it holds a document type, an entity or a CDATA section';
  if (body.includes('<?')) return 'it holds a processing instruction';
  let depth = 0;
  let at = 0;
  for (const match of body.matchAll(tag)) {
    // What lies between two tags is text: a bracket there is a tag that this reader would not see as a browser does.
    if (/[<>]/.test(body.slice(at, match.index))) return 'it is not well-formed';
    if (depth === 0 && at > 0) return 'something follows the drawing';
    at = match.index + match[0].length;
    const [, closing = '', name = '', attributes = '', single = ''] = match;
    if (!drawing.has(name)) return `it holds <${name.slice(0, 40)}>`;
    depth += closing === '/' ? -1 : single === '/' ? 0 : 1;
    const wrong = attributeProblem(attributes);
    if (wrong !== undefined) return wrong;
  }
  return at === body.length && depth === 0 ? undefined : 'it is not well-formed';
}

const tag = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*)\s*(\/?)>/g;

/** Elements that draw. Left out is what runs, loads, links, animates or brings HTML in: a list of what is good ends somewhere. */
const drawing: ReadonlySet<string> = new Set([
  ...['svg', 'g', 'defs', 'symbol', 'use', 'title', 'desc', 'metadata'],
  ...['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'text', 'tspan'],
  ...['linearGradient', 'radialGradient', 'stop', 'clipPath', 'mask', 'pattern', 'marker', 'filter'],
  ...['feGaussianBlur', 'feOffset', 'feBlend', 'feFlood', 'feComposite', 'feMerge', 'feMergeNode'],
  ...['feColorMatrix', 'feDropShadow'],
]);

function attributeProblem(attributes: string): string | undefined {
  for (const [, name = '', quoted = ''] of attributes.matchAll(/([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    const value = quoted.slice(1, -1);
    if (/^on/i.test(name)) return `it holds the handler ${name.slice(0, 40)}`;
    if (/(^|:)href$/i.test(name) && !/^#[\w.-]+$/.test(value)) return 'it refers to something outside of it';
    if (name === 'xml:base') return 'it refers to something outside of it';
    if (/^xmlns/.test(name)) {
      if (!namespaces.test(value)) return 'it declares a foreign namespace';
      continue;
    }
    // Entities and escapes could spell what follows in another way.
    if (/url\s*\((?!\s*['"]?#)|@import|expression\s*\(|javascript:|data:|\\/i.test(decoded(value)))
      return 'it refers to something outside of it';
  }
  return undefined;
}

const namespaces =
  /^(http:\/\/www\.w3\.org\/(2000\/svg|1999\/xlink)|http:\/\/(www\.inkscape\.org|sodipodi\.sourceforge\.net)\/.*)$/;

function decoded(value: string): string {
  return value
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,7});?/g, (_, digits: string) => character(Number(digits)))
    .replace(/[\u0000-\u0020]+/g, ' ');
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
