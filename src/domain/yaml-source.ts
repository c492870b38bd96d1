import {
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { AppstoreError, type Place } from './errors.ts';
import type { PathStep } from './given.ts';
import type { Json, JsonObject } from './json.ts';
import { LinePositions } from './line-positions.ts';

/** One document of a YAML (or JSON) file, as plain data that still knows where it came from. */
export interface YamlDocument {
  readonly file: string;
  readonly value: Json;
  /** Place of the value at a path, or of the nearest thing around it that is there. `key` asks for the name before it. */
  place(path: readonly PathStep[], of?: 'key' | 'value'): Place;
  /** Where the text of a scalar begins; undefined where there is none at the path. */
  textStart(path: readonly PathStep[]): TextStart | undefined;
}

/** Where the content of a scalar begins in its file, so that an offset in the value can be told as line and column. */
interface TextStart {
  readonly line: number;
  readonly column: number;
  /** Each further line of the value is a further line of the file, and begins in the same column. */
  readonly block: boolean;
}

/**
 * Bounds of one file. YAML aliases can stand for exponentially much data in a few lines ("billion laughs"), so what counts is
 * the number of values after they are expanded.
 */
export const yamlLimits = {
  characters: 8 * 1024 * 1024,
  nodes: 500_000,
  depth: 100,
} as const;

/**
 * Reads every document of a YAML 1.2 file. Refused: syntax errors, duplicate keys, tags of other than YAML's own types, keys
 * that are not scalars, numbers that JSON cannot hold, and what passes the limits.
 *
 * @throws AppstoreError YAML_INVALID with the problems of the file and their lines and columns.
 */
export function parseYaml(text: string, file: string): YamlDocument[] {
  const lines = new LinePositions(text);
  if (text.length > yamlLimits.characters)
    throw invalid(
      file,
      [{ message: `the file is longer than ${yamlLimits.characters} characters`, at: 0 }],
      lines,
    );
  const builder = new TreeBuilder(text);
  const roots = builder.build(events(text, file, lines));
  const converter = new Converter(builder.problems);
  const values = builder.problems.length > 0 ? [] : roots.map((root) => converter.convert(root, 0));
  if (builder.problems.length > 0) throw invalid(file, builder.problems, lines);
  return roots.map((root, index) => document(root, values[index] ?? null, file, lines));
}

/**
 * Reads a file that holds one document; an empty file is an empty map.
 *
 * @throws AppstoreError YAML_INVALID.
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  const [first, second] = parseYaml(text, file);
  if (second !== undefined) {
    const place = second.place([]);
    throw new AppstoreError('YAML_INVALID', `${file}:${place.line}: only one document is expected here`, {
      place,
    });
  }
  if (first !== undefined) return first;
  return { file, value: {}, place: () => ({ file, line: 1, column: 1 }), textStart: () => undefined };
}

/** A node of the tree. An alias is the very node that it stands for. */
interface SourceNode {
  readonly at: number;
  readonly scalar?: Json;
  readonly items?: SourceNode[];
  readonly pairs?: SourcePair[];
  /** Offset of the text and whether it is a block, for scalars. */
  readonly text?: { readonly at: number; readonly block: boolean; readonly indent: number };
}

interface SourcePair {
  readonly key: string;
  readonly keyAt: number;
  readonly node: SourceNode;
}

interface Found {
  readonly message: string;
  readonly at: number;
}

function events(text: string, file: string, lines: LinePositions): Event[] {
  try {
    return parseEvents(text, { filename: file, maxDepth: yamlLimits.depth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw invalid(file, [{ message: error.reason, at: error.mark?.position ?? 0 }], lines);
  }
}

function invalid(file: string, found: readonly Found[], lines: LinePositions): AppstoreError {
  const problems = found.map(({ message, at }) => {
    const { line, column } = lines.at(at);
    return { message, at: `${file}:${line}:${column}`, place: { file, line, column } };
  });
  const first = problems[0] ?? { message: 'not valid YAML', at: file, place: { file } };
  return new AppstoreError('YAML_INVALID', `${first.at}: ${first.message}`, {
    place: first.place,
    problems: problems.map(({ message, at }) => ({ message, at })),
  });
}

function document(root: SourceNode, value: Json, file: string, lines: LinePositions): YamlDocument {
  return {
    file,
    value,
    place: (path, of = 'value') => ({ file, ...lines.at(offsetOf(root, path, of)) }),
    textStart: (path) => {
      const text = find(root, path)?.text;
      if (text === undefined) return undefined;
      const { line, column } = lines.at(text.at);
      return { line, column: text.block ? text.indent + 1 : column, block: text.block };
    },
  };
}

function offsetOf(root: SourceNode, path: readonly PathStep[], of: 'key' | 'value'): number {
  let node = root;
  let offset = root.at;
  for (const [index, step] of path.entries()) {
    const next = child(node, step);
    if (next === undefined) return offset;
    offset = of === 'key' && index === path.length - 1 ? next.keyAt : next.node.at;
    node = next.node;
  }
  return offset;
}

function find(root: SourceNode, path: readonly PathStep[]): SourceNode | undefined {
  return path.reduce<SourceNode | undefined>((node, step) => node && child(node, step)?.node, root);
}

function child(node: SourceNode, step: PathStep): { keyAt: number; node: SourceNode } | undefined {
  const item = typeof step === 'number' ? node.items?.[step] : undefined;
  if (item !== undefined) return { keyAt: item.at, node: item };
  return node.pairs?.find((pair) => pair.key === String(step));
}

/** What a null, boolean or number begins with in YAML 1.2; most text is decided by this alone. */
const MAY_BE_OTHER_THAN_TEXT = /^(?:$|[~nNtTfF\-+.\d])/;

interface Frame {
  readonly node?: SourceNode;
  readonly anchor: string;
  key?: { readonly text: string; readonly at: number };
}

/** Makes trees from parser events: one a document that is not empty. */
class TreeBuilder {
  readonly problems: Found[] = [];
  private readonly source: string;
  private readonly roots: SourceNode[] = [];
  private readonly frames: Frame[] = [];
  private anchors = new Map<string, SourceNode>();

  constructor(source: string) {
    this.source = source;
  }

  build(all: readonly Event[]): SourceNode[] {
    for (const event of all) this.take(event);
    return this.roots;
  }

  private take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.anchors = new Map();
        this.frames.push({ anchor: '' });
        break;
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        this.checkTag(event, event.type === EVENT_ID.MAPPING ? ['map'] : ['seq']);
        const contents = event.type === EVENT_ID.MAPPING ? { pairs: [] } : { items: [] };
        this.frames.push({ node: { at: event.start, ...contents }, anchor: this.name(event) });
        break;
      }
      case EVENT_ID.SCALAR:
        this.add(this.scalar(event), this.name(event));
        break;
      case EVENT_ID.ALIAS:
        this.add(this.alias(event.anchorStart, event.anchorEnd), '');
        break;
      case EVENT_ID.POP: {
        const frame = this.frames.pop();
        if (frame?.node !== undefined) this.add(frame.node, frame.anchor);
        break;
      }
    }
  }

  private name(event: { anchorStart: number; anchorEnd: number }): string {
    return event.anchorStart < 0 ? '' : this.source.slice(event.anchorStart, event.anchorEnd);
  }

  /** An anchor is known once its node is whole, so an alias inside of itself is an unknown one. */
  private alias(start: number, end: number): SourceNode {
    const name = this.source.slice(start, end);
    const node = this.anchors.get(name);
    if (node === undefined)
      this.problems.push({ message: `no anchor \`&${name}\` stands before this`, at: start - 1 });
    return node ?? { at: start - 1, scalar: null };
  }

  private add(node: SourceNode, anchor: string): void {
    if (anchor !== '') this.anchors.set(anchor, node);
    const frame = this.frames.at(-1);
    if (frame === undefined) return;
    if (frame.node === undefined) this.addRoot(node);
    else if (frame.node.items !== undefined) frame.node.items.push(node);
    else if (frame.key === undefined) frame.key = this.key(node);
    else {
      frame.node.pairs?.push({ key: frame.key.text, keyAt: frame.key.at, node });
      delete frame.key;
    }
  }

  private addRoot(node: SourceNode): void {
    if (node.scalar !== null || node.text?.block === true) this.roots.push(node);
  }

  private key(node: SourceNode): { text: string; at: number } {
    if (node.scalar === undefined || node.scalar === null)
      this.problems.push({ message: 'a key must be text, a number or a boolean', at: node.at });
    if (node.scalar === '<<')
      this.problems.push({
        message: '`<<` (merging maps) is not part of YAML 1.2: write the keys out',
        at: node.at,
      });
    return { text: String(node.scalar), at: node.at };
  }

  private scalar(event: ScalarEvent): SourceNode {
    this.checkTag(event, ['str', 'int', 'float', 'bool', 'null']);
    const text = getScalarValue(this.source, event);
    const at = Math.max(0, event.valueStart);
    const plain = event.style === SCALAR_STYLE.PLAIN && this.tag(event) !== '!!str';
    const scalar = plain ? this.resolve(text, at) : text;
    const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const start = quoted && !/['"]/.test(this.source.charAt(at)) ? at - 1 : at;
    return {
      at: start,
      scalar,
      text: { at: quoted && start === at ? at + 1 : at, block, indent: Math.max(0, event.indent) },
    };
  }

  /** YAML 1.2 core schema. */
  private resolve(text: string, at: number): Json {
    if (!MAY_BE_OTHER_THAN_TEXT.test(text)) return text;
    for (const tag of [nullCoreTag, boolCoreTag]) {
      const value = tag.resolve(text, false, tag.tagName);
      if (value !== NOT_RESOLVED) return value as Json;
    }
    for (const tag of [intCoreTag, floatCoreTag]) {
      const value = tag.resolve(text, false, tag.tagName);
      if (typeof value === 'number') return this.number(value, at);
    }
    return text;
  }

  private number(value: number, at: number): number {
    if (!Number.isFinite(value))
      this.problems.push({ message: 'a number that JSON does not have: write it as text, in quotes', at });
    else if (Number.isInteger(value) && !Number.isSafeInteger(value))
      this.problems.push({
        message: 'an integer beyond 2^53 would lose digits: write it as text, in quotes',
        at,
      });
    return value;
  }

  private tag(event: { tagStart: number; tagEnd: number }): string {
    return event.tagStart < 0 ? '' : this.source.slice(event.tagStart, event.tagEnd);
  }

  private checkTag(event: { tagStart: number; tagEnd: number }, allowed: readonly string[]): void {
    const tag = this.tag(event);
    if (tag !== '' && !allowed.some((name) => tag === `!!${name}`))
      this.problems.push({ message: `the tag \`${tag}\` is not allowed`, at: event.tagStart });
  }
}

/** Turns trees into plain data, counting what it makes. */
class Converter {
  private readonly problems: Found[];
  private nodes = 0;

  constructor(problems: Found[]) {
    this.problems = problems;
  }

  convert(node: SourceNode, depth: number): Json {
    this.nodes++;
    if (this.nodes > yamlLimits.nodes)
      return this.stop(node, `more than ${yamlLimits.nodes} values, aliases expanded`);
    if (depth > yamlLimits.depth) return this.stop(node, `nested deeper than ${yamlLimits.depth}`);
    if (node.items !== undefined) return this.list(node.items, depth);
    if (node.pairs !== undefined) return this.map(node.pairs, depth);
    return node.scalar ?? null;
  }

  private list(items: readonly SourceNode[], depth: number): Json[] {
    const result: Json[] = [];
    for (const item of items) {
      if (this.nodes > yamlLimits.nodes) break;
      result.push(this.convert(item, depth + 1));
    }
    return result;
  }

  private map(pairs: readonly SourcePair[], depth: number): JsonObject {
    const result: JsonObject = {};
    for (const { key, keyAt, node } of pairs) {
      if (this.nodes > yamlLimits.nodes) break;
      if (Object.hasOwn(result, key))
        this.problems.push({ message: `the key \`${key}\` stands here twice`, at: keyAt });
      else define(result, key, this.convert(node, depth + 1));
    }
    return result;
  }

  private stop(node: SourceNode, message: string): null {
    if (!this.problems.some((problem) => problem.message === message))
      this.problems.push({ message, at: node.at });
    return null;
  }
}

/** Sets an own property whatever its name: `__proto__` stays a key like any other and reaches nothing. */
function define(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}
