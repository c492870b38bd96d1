import type { JsonSchema } from '../../domain/app.ts';
import { isSimplePattern } from '../../domain/linear-pattern.ts';

/** True where a schema has patterns that the engine of the language must not run: the other engine is fetched for them. */
export function needsLinearEngine(schema: JsonSchema): boolean {
  const visit = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(visit);
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([keyword, inner]) => {
      if (keyword === 'pattern' && typeof inner === 'string') return !isSimplePattern(inner);
      if (keyword === 'patternProperties' && typeof inner === 'object' && inner !== null)
        return Object.keys(inner).some((source) => !isSimplePattern(source)) || visit(inner);
      return visit(inner);
    });
  };
  return visit(schema);
}
