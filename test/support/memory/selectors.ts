import type { KubeObject } from '../../../src/domain/objects.ts';
import type { ListOptions } from '../../../src/services/ports.ts';

type Test = (labels: Readonly<Record<string, string>>) => boolean;

/** True where an object is in the scope of a list: namespace, label selector and field selector. */
export function selects(options: ListOptions, object: KubeObject): boolean {
  const { metadata } = object;
  if (options.namespace !== undefined && metadata.namespace !== options.namespace) return false;
  const labels = metadata.labels ?? {};
  const fields = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace ?? '',
    ...(object.kind === 'Event' ? eventFields(object) : {}),
  };
  return (
    parseSelector(options.labelSelector ?? '').every((test) => test(labels)) &&
    parseSelector(options.fieldSelector ?? '').every((test) => test(fields))
  );
}

/** Fields by which events are selected (pkg/registry/core/event `ToSelectableFields`). */
function eventFields(event: KubeObject): Record<string, string> {
  const about = Object.entries(event.involvedObject ?? {}).map(
    ([key, value]) => [`involvedObject.${key}`, String(value)] as const,
  );
  return { ...Object.fromEntries(about), reason: event.reason ?? '', type: event.type ?? '' };
}

/** Parses a label selector, equality and set based. Throws where it is neither. */
function parseSelector(selector: string): Test[] {
  return splitOutside(selector)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRequirement);
}

/** Splits at commas that stand outside of parentheses. */
function splitOutside(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/);
}

function parseRequirement(text: string): Test {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const within: Test = (labels) => key in labels && values.includes(labels[key] ?? '');
    return operator === 'in' ? within : (labels) => !within(labels);
  }
  const equality = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([^\s!=]+)$/.exec(text);
  if (existence === null) throw new Error(`unable to parse requirement: ${text}`);
  const [, not, key = ''] = existence;
  return (labels) => key in labels === (not === '');
}
