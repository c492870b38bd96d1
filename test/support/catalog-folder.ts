import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/domain/json.ts';

/** Writes files below a folder, by path. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** An app.yaml with nothing wrong in it; `metadata` goes over its own. */
export function sampleApp(name: string, version = '1.0.0', metadata: JsonObject = {}): string {
  return stringify({
    apiVersion: 'appstore.dev/v1',
    kind: 'App',
    metadata: {
      name,
      version,
      appVersion: '9',
      title: `The ${name}`,
      summary: `What ${name} is`,
      category: 'web',
      license: 'MIT',
      home: 'https://a.example',
      ...metadata,
    },
    resources: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '${name}' }, data: { a: 'b' } }],
  });
}

/** The files of a chart with one ConfigMap. */
export function sampleChart(name: string, version = '1.0.0'): Readonly<Record<string, string>> {
  return {
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: "7"\ndescription: A chart\n`,
    [`${name}/values.yaml`]: 'greeting: hello\n',
    [`${name}/templates/page.yaml`]:
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting }}\n',
  };
}
