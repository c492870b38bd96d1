import { dump } from 'js-yaml';

/**
 * YAML of one document. Quoted so that YAML 1.1 reads it the same: kubectl does, and takes a plain `no` or `on` for a boolean.
 * Lines are never folded, and equal parts are written out each time; what is undefined is left out.
 */
export function writeYaml(data: unknown): string {
  return dump(data, { lineWidth: -1, noRefs: true, skipInvalid: true });
}
