import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/domain/objects.ts';
import { testCluster } from './connect.ts';
import { userEnvironment } from './go-program.ts';
import { eventually, kube, kubeAnswer } from './sandbox.ts';

/** Go modules whose projects publish definitions of kinds, as go-definitions/go.sum has them, and where those lie. */
const projects = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    files: ['gatewayclasses', 'gateways', 'httproutes'].map(
      (kind) => `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml'],
  },
];

const signal = new AbortController().signal;

/**
 * Has the API server of the run serve HTTPRoute, Gateway and ServiceMonitor, by the definitions of their own projects. Answers a function that
 * takes them back. Fails where Go is not on PATH, or what it downloads is not what go.sum says.
 */
export async function serveOperatorKinds(): Promise<() => Promise<void>> {
  const definitions = (await Promise.all(projects.map(read))).flat();
  const path = ({ metadata }: KubeObject) =>
    `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`;
  const cluster = await testCluster();
  for (const definition of definitions) await cluster.apply(definition, { fieldManager: 'test', signal });
  await cluster.close();
  for (const definition of definitions)
    await eventually(async () => {
      const { status } = await kube('GET', path(definition));
      return status.conditions?.some((one: Condition) => one.type === 'Established' && one.status === 'True');
    });
  return async () => {
    for (const definition of definitions) await kubeAnswer('DELETE', path(definition));
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function read({ module, files }: (typeof projects)[number]): Promise<readonly KubeObject[]> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], {
    cwd: join(import.meta.dirname, 'go-definitions'),
    env: { ...userEnvironment, GOWORK: 'off' },
  }).catch((cause: unknown) => {
    throw new Error(`${module} is downloaded with Go, and that failed or is not on PATH: ${cause}`, {
      cause,
    });
  });
  const { Dir: folder } = JSON.parse(stdout) as { readonly Dir: string };
  return Promise.all(
    files.map(async (file) => parse(await readFile(join(folder, file), 'utf8')) as KubeObject),
  );
}
