import { compareHelmVersions } from '../../src/domain/helm-version.ts';
import { compilePattern } from '../../src/domain/linear-pattern.ts';
import { parseYamlDocument } from '../../src/domain/yaml-source.ts';
import { writeYaml } from '../../src/domain/yaml-write.ts';

/** Bundled by bundle.test.ts: loads packages and a module of Node the way that commands do. */
export async function loadedNames(): Promise<readonly string[]> {
  const { parseDocument, default: yaml } = await import('yaml');
  const { gunzipSync } = await import('node:zlib');
  const { default: Table } = await import('cli-table3');
  return [parseDocument, yaml.parse, gunzipSync, Table].map((one) => typeof one);
}

/** Whether a pattern occurs in a text, or why it is none. */
export function foundIn(pattern: string, text: string): boolean | string {
  const compiled = compilePattern(pattern);
  return 'problem' in compiled ? compiled.problem : compiled.found(text);
}

/** A document of YAML, read and written. */
export function rewritten(text: string): string {
  return writeYaml(parseYamlDocument(text, 'probe.yaml').value);
}

/** The newest of some versions. */
export function newestOf(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareHelmVersions)[0];
}
