import {
  boolYaml11Tag,
  defineScalarTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml';
import { checkJson } from './bounded-json.ts';
import { AppstoreError } from './errors.ts';
import type { Json } from './json.ts';
import { yamlLimits } from './yaml-source.ts';

const tag = (name: string) => `tag:yaml.org,2002:${name}`;

/** As strconv.ParseInt reads it with base 0, underscores taken out before. */
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

function integerOf(text: string): number {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return negative ? -value : value;
}

let made: Schema | undefined;

/**
 * The scalars of go-yaml 2, by which Helm and kubectl read: of YAML 1.1 `yes`, `on`, `0644` and `<<`; but no base 60 (`12:30`), no
 * dates and no binary data (sigs.k8s.io/yaml, goyaml.v2/resolve.go). Made with the first document, with which the library is loaded.
 */
function schema(): Schema {
  made ??= new Schema([
    strTag,
    seqTag,
    mapTag,
    nullYaml11Tag,
    boolYaml11Tag,
    defineScalarTag(tag('int'), {
      implicit: true,
      implicitFirstChars: [...'+-0123456789'],
      identify: () => false,
      resolve: (source) => {
        const plain = source.replaceAll('_', '');
        return integer.test(plain) ? integerOf(plain) : NOT_RESOLVED;
      },
    }),
    defineScalarTag(tag('float'), {
      implicit: true,
      implicitFirstChars: [...'+-.0123456789'],
      identify: () => false,
      resolve: (source) => {
        const plain = source.startsWith('.') ? source : source.replaceAll('_', '');
        return float.test(plain) ? Number(plain) : NOT_RESOLVED;
      },
    }),
    mergeTag,
  ]);
  return made;
}

/**
 * Every document of a YAML text as Helm reads what a chart renders to. Of a key that stands twice the last counts.
 * `where` begins the message.
 *
 * @throws AppstoreError YAML_INVALID.
 */
export function parseGoYaml(text: string, where: string): Json[] {
  if (text.length > yamlLimits.characters * 4)
    throw invalid(where, `it is longer than ${yamlLimits.characters * 4} characters`);
  const documents = load(text, where);
  const wrong = checkJson(documents, yamlLimits);
  if (wrong !== undefined) throw invalid(where, wrong);
  return documents as Json[];
}

function load(text: string, where: string): unknown[] {
  try {
    return loadAll(text, { schema: schema(), json: true, maxDepth: yamlLimits.depth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw invalid(where, `line ${(error.mark?.line ?? 0) + 1}: ${error.reason}`);
  }
}

function invalid(where: string, what: string): AppstoreError {
  return new AppstoreError('YAML_INVALID', `${where}: ${what}`);
}
