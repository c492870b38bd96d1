import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cliJson } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';

const files = {
  'Chart.yaml': 'apiVersion: v2\nname: seeing\nversion: 1.0.0\nappVersion: "1"\n',
  'templates/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data:
  one: {{ (lookup "v1" "Namespace" "" .Release.Namespace).metadata.name | quote }}
  none: {{ lookup "v1" "Secret" .Release.Namespace "none" | empty | quote }}
  list: {{ range (lookup "v1" "Namespace" "" "").items }}{{ if eq .metadata.name $.Release.Namespace }}{{ .kind }} {{ .apiVersion }}{{ end }}{{ end }}
  unserved: {{ lookup "none.example/v1" "Nothing" "" "" | empty | quote }}
  kind: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" | quote }}
  old: {{ .Capabilities.APIVersions.Has "extensions/v1beta1" | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
`,
};

test('a chart sees the cluster that it is installed on, with the rights of the caller', async () => {
  const namespace = await freshNamespace();
  const chart = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(chart, path)), { recursive: true });
    await writeFile(join(chart, path), text);
  }
  await cliJson(['install', chart, 'seeing', '-n', namespace]);
  const found = await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/seeing`);
  expect(found.data).toEqual({
    one: namespace,
    none: 'true',
    list: 'Namespace v1',
    unserved: 'true',
    kind: 'true',
    old: 'false',
    kube: expect.stringMatching(/^v1\./),
  });
});
