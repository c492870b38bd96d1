import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { svgProblem } from '../../src/domain/safe-svg.ts';

const svg = (inside: string, attributes = '') =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"${attributes}>${inside}</svg>`;

describe('draws and does nothing else', () => {
  test.each([
    ['a path', svg('<path d="M0 0h1"/>')],
    ['a declaration and a comment', `<?xml version="1.0"?>\n<!-- x -->${svg('<g><rect width="1"/></g>')}\n`],
    ['a gradient that it refers to', svg('<defs><linearGradient id="a"/></defs><rect fill="url(#a)"/>')],
    ['text', svg('<title>Web &amp; more</title><text x="0">a &#233;</text>')],
    ['use of its own parts', svg('<g id="a"/><use href="#a"/>')],
  ])('%s', (_, text) => expect(svgProblem(text)).toBeUndefined());

  test('the icons of the built-in catalog', () => {
    const catalog = join(import.meta.dirname, '../../catalog');
    const icons = readdirSync(catalog).map((app) => readFileSync(join(catalog, app, 'icon.svg'), 'utf8'));
    expect(icons.length).toBeGreaterThan(10);
    expect(icons.map(svgProblem)).toEqual(icons.map(() => undefined));
  });
});

describe('is refused', () => {
  test.each([
    ['a script', svg('<script>alert(1)</script>')],
    ['a script of another prefix', svg('<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>')],
    ['a handler', svg('', ' onload="alert(1)"')],
    ['a handler in other case', svg('<g ONCLICK="alert(1)"/>')],
    ['a handler with a slash before it', svg('<g/onclick="alert(1)"/>')],
    ['HTML inside', svg('<foreignObject><body onload="x"/></foreignObject>')],
    ['a link', svg('<a href="javascript:alert(1)"><text>x</text></a>')],
    ['an image from elsewhere', svg('<image href="https://a.example/x.png"/>')],
    ['use of another file', svg('<use href="https://a.example/x.svg#a"/>')],
    ['use of data', svg('<use href="data:image/svg+xml;base64,AA#a"/>')],
    ['an animation that sets a link', svg('<animate attributeName="href" values="javascript:alert(1)"/>')],
    ['set', svg('<set attributeName="onmouseover" to="alert(1)"/>')],
    ['a style sheet', svg('<style>@import "https://a.example"</style>')],
    ['a style that loads', svg('<rect style="fill:url(https://a.example/x)"/>')],
    ['a style that loads, in entities', svg('<rect style="fill:&#117;rl(https://a.example/x)"/>')],
    ['a style that loads, in escapes', svg('<rect style="fill:\\75rl(https://a.example/x)"/>')],
    ['an entity', `<!DOCTYPE svg [<!ENTITY x "y">]>${svg('&x;')}`],
    ['an entity behind a comment', `<!-- --><!DOCTYPE svg>${svg('')}`],
    ['CDATA', svg('<![CDATA[<script>alert(1)</script>]]>')],
    ['a processing instruction', `<?xml-stylesheet href="x.css"?>${svg('')}`],
    ['a foreign namespace', svg('<g xmlns="http://www.w3.org/1999/xhtml"/>')],
    ['an attribute without quotes', svg('<g onclick=alert(1) />')],
    ['a bracket in an attribute', svg('<g id="<script>"/>')],
    ['a comment that hides a tag', svg('<!-- --><script/><!-- -->')],
    ['a comment that is not closed', svg('<!-- <g/>')],
    ['what follows the drawing', `${svg('')}<script/>`],
    ['another root behind it', `${svg('')}${svg('')}`],
    ['HTML', '<html><body/></html>'],
    ['nothing', ''],
    ['a tag that is not closed', '<svg xmlns="http://www.w3.org/2000/svg"><g>'],
  ])('%s', (_, text) => expect(svgProblem(text)).toEqual(expect.any(String)));
});

test('a text made to take long does not', () => {
  expect(svgProblem(`<svg ${'a="b" '.repeat(20_000)}<`)).toEqual(expect.any(String));
  expect(svgProblem(svg('<g '.repeat(50_000)))).toEqual(expect.any(String));
});
