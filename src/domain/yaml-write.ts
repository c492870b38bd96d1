import { dump } from 'js-yaml';
import { isObject } from './json.ts';

/**
 * YAML of one document. Quoted so that YAML 1.1 reads it the same: kubectl does, and takes a plain `no` or `on` for a boolean.
 * Lines are never folded, and equal parts are written out each time; what is undefined is left out.
 */
export function writeYaml(data: unknown): string {
  if (!isFilled(data) || !hasContent(data)) return byLibrary(data);
  const text = block(data, '');
  // As the library ends a document whose last text keeps the empty lines at its end
  return text.endsWith('\n\n') ? `${text}${documentEnd}` : text;
}

const documentEnd = '...\n';

function byLibrary(data: unknown): string {
  return dump(data, { lineWidth: -1, noRefs: true, skipInvalid: true });
}

type Filled = readonly unknown[] | Readonly<Record<string, unknown>>;

/** A list or a plain map with something in it. */
function isFilled(value: unknown): value is Filled {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) && isPlain(value) && Object.keys(value).length > 0;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The lines of a list or map, as the library writes them. It tries every style on every text, which takes most of the time of
 * `template`; here that is done only for text whose style is not plain to see.
 */
function block(data: Filled, indent: string): string {
  let lines = '';
  if (Array.isArray(data)) for (const item of data) lines += `${indent}- ${entry(item, indent)}`;
  else
    for (const [key, value] of Object.entries(data))
      if (value !== undefined) lines += indent + pair(key, value, indent);
  return lines;
}

/** `key: value`, without the indent of its first line. */
function pair(key: string, value: unknown, indent: string): string {
  const name = isWord(key) ? key : keyByLibrary(key);
  if (name !== undefined) {
    const text = scalar(value, indent);
    if (text !== undefined) return `${name}: ${text}\n`;
    if (isFilled(value) && hasContent(value)) return `${name}:\n${block(value, `${indent}  `)}`;
  }
  return shifted(byLibrary({ [key]: value }), indent);
}

/** A key as the library quotes it; undefined where it takes lines of its own. */
function keyByLibrary(key: string): string | undefined {
  const alone = byLibrary({ [key]: 0 });
  return alone.endsWith(': 0\n') && !alone.startsWith('? ') ? alone.slice(0, -': 0\n'.length) : undefined;
}

/** What stands behind `- `: a list or map begins on the same line. */
function entry(item: unknown, indent: string): string {
  const text = scalar(item, indent);
  if (text !== undefined) return `${text}\n`;
  if (isFilled(item) && hasContent(item)) return block(item, `${indent}  `).slice(indent.length + 2);
  return shifted(byLibrary([item]), indent).slice(2);
}

/** False for a map of which everything is left out. */
function hasContent(value: Filled): boolean {
  return Array.isArray(value) || Object.values(value).some((each) => each !== undefined);
}

/** What the library wrote as a document, as a part of one: all lines but the first and empty ones are indented. */
function shifted(document: string, indent: string): string {
  const text = document.endsWith(`\n${documentEnd}`) ? document.slice(0, -documentEnd.length) : document;
  return indent === '' ? text : text.replace(/\n(?=[^\n])/g, `\n${indent}`);
}

/** A value on the line of its key, or beginning there; undefined where that is left to the library. */
function scalar(value: unknown, indent: string): string | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return isWord(value) ? value : textOf(value, indent);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : undefined;
  return isObject(value) && isPlain(value) && Object.keys(value).length === 0 ? '{}' : undefined;
}

/** What YAML 1.1 or 1.2 takes for a boolean or null (https://yaml.org/type/bool.html). */
const meaning = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Text that stands as it is, whatever is around it. */
function isWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !meaning.test(text);
}

/** One or more lines of characters that need no escape. */
const harmless = /^[\x20-\x7e\n\u00a1-\u2027\u2030-\ud7ff]+$/;

/** What no plain text begins with, whatever follows. */
const indicator = /^[[\]{}#&*!|>'"%@`,]/;

/** Text of whose style there is no doubt; undefined for other text. */
function textOf(text: string, indent: string): string | undefined {
  if (text === '') return "''";
  if (!harmless.test(text)) return undefined;
  if (text.includes('\n')) return linesOf(text, indent);
  const quoted = indicator.test(text) || /: | #|:$|^[0-9]+$/.test(text);
  if (quoted) return `'${text.replaceAll("'", "''")}'`;
  return /^[A-Za-z/$(_].*\S$/.test(text) && !meaning.test(text) ? text : undefined;
}

/** A block of lines as they are; it begins with no space, and ends with one line break or none. */
function linesOf(text: string, indent: string): string | undefined {
  if (/^[ \n]/.test(text) || text.endsWith('\n\n')) return undefined;
  const clipped = text.endsWith('\n');
  const content = (clipped ? text.slice(0, -1) : text).replace(/\n(?=[^\n])/g, `\n${indent}  `);
  return `${clipped ? '|' : '|-'}\n${indent}  ${content}`;
}
