import { describe, expect, test } from 'vitest';
import { html } from '../../../../src/adapters/catalog/site/pages/html.ts';
import { markdown } from '../../../../src/adapters/catalog/site/pages/markdown.ts';
import { linkAddress } from '../../../../src/domain/link-address.ts';
import { mutate } from '../../../support/mutate.ts';
import { seeded } from '../../../support/random.ts';

const made = (text: string) => markdown(text, 2).text.trim();

describe('Markdown', () => {
  test.each([
    ['# A\n\ntext', '<h2>A</h2>\n<p>text</p>'],
    ['#### A', '<h2>A</h2>'],
    ['## A\n\n#### B\n\n## C\n\n### D', '<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n<h3>D</h3>'],
    ['```\n# A\n```\n## B', '<pre tabindex="0"><code># A</code></pre>\n<h2>B</h2>'],
    ['a\nb\n\nc', '<p>a b</p>\n<p>c</p>'],
    ['- a\n- b\n  c\n', '<ul><li>a</li><li>b c</li></ul>'],
    ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
    ['a **b** _c_ `d`', '<p>a <strong>b</strong> <em>c</em> <code>d</code></p>'],
    ['snake_case_name', '<p>snake_case_name</p>'],
    ['```sh\n$ a <b>\n```\nc', '<pre tabindex="0"><code>$ a &lt;b&gt;</code></pre>\n<p>c</p>'],
    ['    a\n    b', '<pre tabindex="0"><code>a\nb</code></pre>'],
    ['> a\n> b', '<blockquote><p>a b</p></blockquote>'],
    ['![alt](https://a.example/x.png)', '<p>alt</p>'],
  ])('%j', (text, wanted) => expect(made(text)).toBe(wanted));

  test('tables', () => {
    expect(made('| a | b |\n|---|---|\n| c | `d` |')).toContain('<th scope="col">a</th>');
    expect(made('| a | b |\n|---|---|\n| c | `d` |')).toContain('<td>c</td><td><code>d</code></td>');
  });

  test('links lead to web pages and letters only', () => {
    expect(made('[a](https://a.example/x)')).toBe(
      '<p><a href="https://a.example/x" rel="noopener noreferrer nofollow">a</a></p>',
    );
    expect(made('[a](javascript:alert(1))')).not.toContain('<a');
    expect(made('[a](data:text/html,x)')).toBe('<p>a</p>');
  });
});

describe('hostile texts stay text', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '[x](javascript:alert(1))',
    '[x](  javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '<javascript:alert(1)>',
    '[<img src=x onerror=alert(1)>](https://a.example/"onmouseover="x)',
    '# <script>',
    '- <script>',
    '| <script> |\n|--|\n| <b onclick=x> |',
    '```\n</code></pre><script>alert(1)</script>\n```',
    '`</code><script>`',
    '> <iframe src=x>',
    '[a]: javascript:alert(1)\n[a]',
    '<!-- --><script>',
    '&lt;script&gt;',
  ];
  const known = /^(?:p|h[2-6]|ul|ol|li|pre|code|blockquote|div|table|thead|tbody|tr|th|td|strong|em|a)$/;

  function expectHarmless(page: string): void {
    for (const [, name = '', attributes = ''] of page.matchAll(/<\/?([^\s<>]*)([^<>]*)>/g)) {
      expect(name).toMatch(known);
      expect(attributes.replace(/"[^"]*"/g, '""')).toMatch(
        /^(?: (?:href|rel|scope|class|tabindex|title)="")*$/,
      );
    }
    expect(page).not.toMatch(/href="(?!https?:|mailto:)/);
  }

  test.each(hostile)('%j', (text) => {
    for (const page of [made(text), html`<p title="${text}">${text}</p>`.text]) expectHarmless(page);
  });

  test('3000 mutated READMEs become pages that do nothing', () => {
    const next = seeded(31);
    const sample = `# A\n\n- a **b** [c](https://a.example/x?y="z") \`d\`\n\n| a | b |\n|---|---|\n| c | d |\n\n\`\`\`sh\ne\n\`\`\`\n> f\n`;
    for (let run = 0; run < 3_000; run += 1)
      expectHarmless(made(mutate(`${sample}${hostile[run % hostile.length]}`, next)));
  });

  test.each([
    'javascript:x',
    ' java\nscript:x',
    'data:x',
    'vbscript:x',
    'file:///etc',
    'https://u:p@a.example',
    'x',
    '//a',
  ])('%j is nothing to link to', (address) => expect(linkAddress(address)).toBeUndefined());

  test('control characters and direction marks go', () => {
    expect(html`${'a\u202eb\u0000c\u001b[31md'}`.text).toBe('abcd');
  });
});

test('a text made to take long does not', () => {
  for (const text of [
    '['.repeat(100_000),
    '**a'.repeat(30_000),
    '`'.repeat(100_000),
    '_a '.repeat(30_000),
    '|'.repeat(100_000),
  ])
    expect(made(text).length).toBeGreaterThan(0);
});
