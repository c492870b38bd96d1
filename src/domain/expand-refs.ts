import type { JsonSchema } from './app.ts';
import { type AnySchema, followRefs, schemaMap } from './schema-refs.ts';

/**
 * The schema with every local `$ref` of its properties followed, at all depths, for views that show a schema as a tree. A schema that
 * contains itself ends where it would begin anew: there it has no `properties`.
 */
export function expandRefs(root: JsonSchema): JsonSchema {
  return expand(root, root, new Set(['#']));
}

function expand(root: JsonSchema, schema: AnySchema, open: ReadonlySet<unknown>): JsonSchema {
  const own = followRefs(root, schema) ?? {};
  const ref = typeof schema === 'object' ? schema.$ref : undefined;
  if (own.properties === undefined) return own;
  if (ref !== undefined && open.has(ref)) {
    const { properties: _endless, ...rest } = own;
    return rest;
  }
  const inside = ref === undefined ? open : new Set([...open, ref]);
  const properties = schemaMap(own.properties).map(
    ([name, property]) => [name, expand(root, property, inside)] as const,
  );
  return { ...own, properties: Object.fromEntries(properties) };
}
