import { AppstoreError } from './errors.ts';
import type { ObjectId } from './objects.ts';

/** An object as a flag names it: `Kind/name`, `Kind.group/name`, each with a namespace before the name where one is needed. */
export interface ObjectPattern {
  readonly kind: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly name: string;
}

const form = /^([A-Z][A-Za-z0-9]*)(?:\.([a-z0-9][a-z0-9.-]*))?\/(?:([a-z0-9][a-z0-9-]*)\/)?([^/\s]+)$/;

/** Reads the name of an object; undefined where it is none. */
export function readObjectPattern(text: string): ObjectPattern | undefined {
  const [, kind, group, namespace, name] = form.exec(text) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return {
    kind,
    ...(group === undefined ? {} : { group }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
  };
}

/** The same for the value of a flag. Throws USAGE. */
export function parseObjectPattern(text: string, flag: string): ObjectPattern {
  const pattern = readObjectPattern(text);
  if (pattern !== undefined) return pattern;
  throw new AppstoreError('USAGE', `${flag} ${text}: it names no object`, {
    hint: 'Write Kind/name as the plan does, or Kind.group/namespace/name.',
  });
}

/** True where the pattern may mean this object: what it does not say fits anything. */
export function fitsPattern(pattern: ObjectPattern, id: ObjectId): boolean {
  return (
    pattern.kind === id.kind &&
    pattern.name === id.name &&
    (pattern.group === undefined || pattern.group === id.group) &&
    (pattern.namespace === undefined || pattern.namespace === id.namespace)
  );
}

/** The whole name of an object, that fits no other: `Kind.group/namespace/name`. */
export function fullName(id: ObjectId): string {
  const kind = id.group === '' ? id.kind : `${id.kind}.${id.group}`;
  return id.namespace === '' ? `${kind}/${id.name}` : `${kind}/${id.namespace}/${id.name}`;
}

/** The shortest name of an object that fits no other of these. */
export function shortName(id: ObjectId, others: readonly ObjectId[]): string {
  const short = `${id.kind}/${id.name}`;
  const fitting = others.filter((other) => other.kind === id.kind && other.name === id.name);
  return fitting.length > 1 ? fullName(id) : short;
}
