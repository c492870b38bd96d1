import { describe, expect, test } from 'vitest';
import { eachName, parseTemplate, type Template } from '../../src/domain/template-string.ts';

/** Text as it is, expressions in angle brackets. */
function shown(text: string): string {
  const template = parseTemplate(text);
  if ('problem' in template) return `! ${template.problem} @${template.at}`;
  return template.parts.map((part) => (part.kind === 'text' ? part.text : `<${part.source}>`)).join('');
}

describe('cutting strings into text and expressions', () => {
  test.each<[string, string]>([
    ['plain', 'plain'],
    ['', ''],
    ['${a}', '<a>'],
    ['x${a}y${b}', 'x<a>y<b>'],
    ['${a}${b}', '<a><b>'],
    ['$', '$'],
    ['$$ $x $(Y) {z}', '$$ $x $(Y) {z}'],
    ['$${HOME}', '${HOME}'],
    ['$${', '${'],
    ['a $${ b ${c}', 'a ${ b <c>'],
    ['$${a}${b}', '${a}<b>'],
    ['$$${a}', '$${a}'],
    ['${ {"a": 1}.a }', '< {"a": 1}.a >'],
    ['${{"a": {"b": {}}}}', '<{"a": {"b": {}}}>'],
    ["${'}'}", "<'}'>"],
    ['${"\\"}"}x', '<"\\"}">x'],
    ["${r'\\'}x}", "<r'\\'>x}"],
    ["${br'\\'}", "<br'\\'>"],
    ["${'''a'}'b'''}", "<'''a'}'b'''>"],
    ['${"""a\n"}\n"""}', '<"""a\n"}\n""">'],
    ['${a // }\n}', '<a // }\n>'],
    ['${"https://x"}', '<"https://x">'],
    ['${a / b}', '<a / b>'],
  ])('%j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test.each<[string, string]>([
    ['${a', '! the expression is not closed: `}` is missing @0'],
    ['xy${', '! the expression is not closed: `}` is missing @2'],
    ['${{}', '! the expression is not closed: `}` is missing @0'],
    ['${}', '! the expression is empty @2'],
    ['${  }', '! the expression is empty @2'],
    ["${'a}", '! a string in the expression is not closed @2'],
    ["${'a\n'}", '! a string in the expression is not closed @2'],
    ['${a // }', '! the expression is not closed: `}` is missing @0'],
  ])('%j is refused', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('only a string that is one expression keeps its type', () => {
    const whole = (text: string) => (parseTemplate(text) as Template).whole?.source;
    expect(whole('${a}')).toBe('a');
    expect(whole(' ${a}')).toBeUndefined();
    expect(whole('${a}${b}')).toBeUndefined();
    expect(whole('$${a}')).toBeUndefined();
  });
});

test('names of an expression, without members, strings and comments', () => {
  const names: string[] = [];
  eachName('a + b.c + x.?d + "e" + r\'f\' + (g ?h : i) + 0x1F + 1u // j', (name, at) =>
    names.push(`${name}@${at}`),
  );
  expect(names).toEqual(['a@0', 'b@4', 'x@10', 'g@31', 'h@34', 'i@38']);
});
