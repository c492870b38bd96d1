import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { testKubeconfig } from './sandbox.ts';

const run = promisify(execFile);

/** Helm 4 on the sandbox of the run. Answers stdout; throws what Helm says where it fails. */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** The real Helm, found or built once. It is called `helm`: that is the name under which it manages fields. */
export async function realHelm(): Promise<Helm> {
  const { cache, home } = inject('sandbox');
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const signal = new AbortController().signal;
  const found = await findHelm({ cache, environment: process.env, signal, tell });
  if (found === undefined) throw new Error('these tests need Helm 4, or Go to build it');
  const folder = await mkdtemp(join(home, 'helm-'));
  const path = join(folder, 'helm');
  await symlink(found.path, path);
  const env = { HOME: folder, XDG_CACHE_HOME: folder, KUBECONFIG: testKubeconfig() };
  return async (...args) => (await run(path, args, { env })).stdout;
}

/** A chart in a folder of its own, deleted with the home of the run. Answers the folder. */
export async function chartFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(inject('sandbox').home, 'chart-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** A chart with what matters when hands change: workloads, defaults that the server fills in, a Secret, a volume, a hook. */
export const webChart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 1.2.3\nappVersion: "9.1"\n',
  'values.yaml': '# how many\nreplicas: 2\nimage: nginx:1.27\npassword: hunter2hunter2\n',
  'templates/NOTES.txt': 'Thanks, {{ .Release.Name }}\n',
  'templates/hook.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-hook, annotations: {helm.sh/hook: "post-install,post-upgrade"}}
data: {revision: "{{ .Release.Revision }}"}
`,
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {app.kubernetes.io/managed-by: {{ .Release.Service }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}, app.kubernetes.io/managed-by: {{ .Release.Service }}}}
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
        ports: [{containerPort: 80}]
        env:
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: {{ .Release.Name }}, key: password}}}
        resources: {requests: {cpu: 1000m, memory: 64Mi}}
        volumeMounts: [{name: config, mountPath: /config}]
      volumes: [{name: config, configMap: {name: {{ .Release.Name }}, defaultMode: 0644}}]
`,
  'templates/rest.yaml': `apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {image: "{{ .Values.image }}"}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData: {password: {{ .Values.password }}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: {{ .Release.Name }}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: {{ .Release.Name }}-db}
spec:
  serviceName: {{ .Release.Name }}
  selector: {matchLabels: {app: {{ .Release.Name }}-db}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}-db}}
    spec: {containers: [{name: db, image: "postgres:16"}]}
`,
};
