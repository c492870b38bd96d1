/** Pieces that mean something to parsers of YAML, JSON, addresses and names, or to what shows or stores what they give. */
const telling: readonly string[] = [
  ...':-{}[]&*!|>\'"#\n\t%@`,?/\\.~^=+$()<> ',
  '\u0000',
  '\ufffd',
  '\u001b[2J',
  '\u202e',
  '\ufeff',
  '😀',
  'null',
  'true',
  '[]',
  '{}',
  '-1',
  '1e999',
  '9223372036854775808',
  '__proto__',
  'constructor',
  'prototype',
  '../',
  '..',
  '%00',
  '%zz',
  '#/',
  '$ref',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '---\n',
  '[[[[[[[[',
  '{"a":',
  '\r\n',
];

/** A text with one to four changes: something put in, taken out, or said twice. */
export function mutate(text: string, next: (below: number) => number): string {
  let result = text;
  for (let change = next(4); change >= 0; change -= 1) {
    const at = next(result.length + 1);
    const cut = next(3) === 0 ? next(20) : 0;
    const twice = next(8) === 0 ? result.slice(at, at + next(40)) : '';
    result = `${result.slice(0, at)}${telling[next(telling.length)] ?? ''}${twice}${result.slice(at + cut)}`;
  }
  return result;
}
