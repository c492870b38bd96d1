/** Bundled by bundle.test.ts: loads packages and a module of Node the way that commands do. */
export async function loadedNames(): Promise<readonly string[]> {
  const { parseDocument, default: yaml } = await import('yaml');
  const { gunzipSync } = await import('node:zlib');
  const { default: Table } = await import('cli-table3');
  return [parseDocument, yaml.parse, gunzipSync, Table].map((one) => typeof one);
}
