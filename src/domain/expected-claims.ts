import { isObject, type Json } from './json.ts';
import type { KubeObject } from './objects.ts';
import { parseQuantity } from './quantity.ts';

/** Claims that an app comes to use: one that is an object of it, or those that a StatefulSet makes from a template. */
export interface ExpectedClaims {
  readonly fits: (name: string) => boolean;
  /** What the app asks for; `''` where it does not say. */
  readonly size: string;
}

/** The claims of objects in one namespace; those of a StatefulSet are named by template, set and ordinal (StatefulSet API). */
export function expectedClaims(objects: readonly KubeObject[], namespace: string): readonly ExpectedClaims[] {
  return objects
    .filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace)
    .flatMap((object): readonly ExpectedClaims[] => {
      if (object.kind === 'PersistentVolumeClaim')
        return [{ fits: (name) => name === object.metadata.name, size: sizeAsked(object.spec) }];
      if (object.kind !== 'StatefulSet') return [];
      const templates: Json = isObject(object.spec) ? (object.spec.volumeClaimTemplates ?? []) : [];
      return (Array.isArray(templates) ? templates : []).flatMap((template) => {
        const metadata = isObject(template) ? template.metadata : undefined;
        if (!isObject(template) || !isObject(metadata)) return [];
        const start = `${String(metadata.name)}-${object.metadata.name}-`;
        const fits = (name: string) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length));
        return [{ fits, size: sizeAsked(template.spec) }];
      });
    });
}

/** The storage that the spec of a claim asks for. */
export function sizeAsked(spec: unknown): string {
  const resources = isObject(spec) ? spec.resources : undefined;
  const requests = isObject(resources) ? resources.requests : undefined;
  const storage = isObject(requests) ? requests.storage : undefined;
  return typeof storage === 'string' || typeof storage === 'number' ? String(storage) : '';
}

/** True where both are sizes, and not the same. */
export function isOtherSize(one: string, other: string): boolean {
  const [left, right] = [parseQuantity(one), parseQuantity(other)];
  return left !== undefined && right !== undefined && left.nano !== right.nano;
}
