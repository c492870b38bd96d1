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
 * `template`; here that is done only for text that is not plainly a word.
 */
function block(data: Filled, indent: string): string {
  if (!Array.isArray(data))
    return Object.entries(data)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => indent + pair(key, value, indent))
      .join('');
  return data.map((item) => `${indent}- ${entry(item, indent)}`).join('');
}

/** `key: value`, without the indent of its first line. */
function pair(key: string, value: unknown, indent: string): string {
  if (isWord(key)) {
    const text = scalar(value);
    if (text !== undefined) return `${key}: ${text}\n`;
    if (isFilled(value) && hasContent(value)) return `${key}:\n${block(value, `${indent}  `)}`;
  }
  return shifted(byLibrary({ [key]: value }), indent);
}

/** What stands behind `- `: a list or map begins on the same line. */
function entry(item: unknown, indent: string): string {
  const text = scalar(item);
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

function scalar(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  return typeof value === 'string' && isWord(value) ? value : undefined;
}

/** What YAML 1.1 or 1.2 takes for a boolean or null (https://yaml.org/type/bool.html). */
const meaning = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Text that stands as it is, whatever is around it. */
function isWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !meaning.test(text);
}
