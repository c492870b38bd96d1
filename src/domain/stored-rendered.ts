import { AppstoreError } from './errors.ts';
import { isObject } from './json.ts';
import type { Rendered } from './rendered.ts';

function isPhase({
  kind,
  events,
  weight,
  deletePolicies,
  logPolicies,
}: Readonly<Record<string, unknown>>): boolean {
  if (kind !== 'hook') return kind === 'normal' || kind === 'crd';
  const words = [events, deletePolicies, logPolicies ?? []];
  return typeof weight === 'number' && words.every(isWords);
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string');
}

function isLink({ title, url, service }: Readonly<Record<string, unknown>>): boolean {
  if (typeof title !== 'string' || !['string', 'undefined'].includes(typeof url)) return false;
  if (service === undefined) return true;
  if (!isObject(service)) return false;
  const { name, port, path, scheme } = service;
  return (
    typeof name === 'string' &&
    (typeof port === 'number' || typeof port === 'string') &&
    typeof path === 'string' &&
    (scheme === 'http' || scheme === 'https')
  );
}

/**
 * What a revision rendered to, as it was stored. Whoever may edit the namespace may have edited it, so that its shape is
 * checked as far as anything is done with it. Throws RECORD_INVALID, with `where` before the message.
 */
export function checkRendered(value: unknown, where: string): Rendered {
  const wrong = isObject(value) ? wrongPart(value) : 'it is not an object';
  if (wrong === undefined) return value as unknown as Rendered;
  throw new AppstoreError('RECORD_INVALID', `${where}: what it rendered to is damaged: ${wrong}`);
}

function wrongPart(value: Readonly<Record<string, unknown>>): string | undefined {
  for (const part of ['objects', 'outputs', 'open', 'problems']) {
    const list = value[part];
    if (!Array.isArray(list) || !list.every(isObject)) return `\`${part}\` is not a list of objects`;
  }
  if (typeof value.notes !== 'string') return '`notes` is not text';
  if (value.secrets !== undefined && !isWords(value.secrets)) return '`secrets` are not texts';
  const objects = value.objects as readonly Readonly<Record<string, unknown>>[];
  const bad = objects.findIndex(
    ({ object, source, phase }) =>
      !isObject(object) ||
      !isObject(source) ||
      typeof source.file !== 'string' ||
      !isObject(phase) ||
      !isPhase(phase),
  );
  if (bad >= 0) return `object ${bad + 1} is not one`;
  const outputs = value.outputs as readonly Readonly<Record<string, unknown>>[];
  if (!outputs.every(({ name, value: text }) => typeof name === 'string' && typeof text === 'string'))
    return '`outputs` are not texts';
  const links = value.open as readonly Readonly<Record<string, unknown>>[];
  if (!links.every(isLink)) return '`open` are not links';
  const problems = value.problems as readonly Readonly<Record<string, unknown>>[];
  return problems.every(({ message }) => typeof message === 'string')
    ? undefined
    : '`problems` are not texts';
}
