import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/domain/objects.ts';
import { goProgram } from './go-program.ts';

/** Where the manifests are. */
export const manifests = resolve(import.meta.dirname, '../../k8s');

/** The objects that kustomize makes of a folder, in its order. */
export async function kustomize(folder: string): Promise<readonly KubeObject[]> {
  const program = await goProgram({
    name: 'kustomize',
    version: '5.8.2',
    goPackage: 'sigs.k8s.io/kustomize/kustomize/v5',
    module: join(import.meta.dirname, 'go-kustomize'),
  });
  const { stdout } = await promisify(execFile)(program, ['build', folder]);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
}

/** What an overlay says besides. */
export interface OverlaySettings {
  readonly settings?: readonly string[];
  /** What `catalogs.json` holds, with the component `catalogs`. */
  readonly catalogs?: object;
}

/** What somebody writes who puts it into a namespace of another name, with some of the components. */
export async function overlay(
  namespace: string,
  base: string,
  components: readonly string[],
  {
    settings: literals = ['OIDC_ISSUER=https://id.example.org', 'OIDC_CLIENT_ID=appstore'],
    catalogs = { formatVersion: 1, catalogs: [] },
  }: OverlaySettings = {},
): Promise<string> {
  const folder = await mkdtemp(join(inject('sandbox').home, 'kustomize-'));
  const path = (name: string) => relative(folder, join(manifests, name));
  const settings = { name: 'appstore-settings', behavior: 'merge', namespace: 'appstore' };
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace,
    resources: [path(base)],
    components: components.map((name) => path(`components/${name}`)),
    configMapGenerator: [
      { ...settings, literals },
      ...(components.includes('catalogs')
        ? [{ name: 'appstore-catalogs', literals: [`catalogs.json=${JSON.stringify(catalogs)}`] }]
        : []),
    ],
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return folder;
}

/** Names outside of namespaces belong to the whole cluster: tests that run at the same time must not share them. */
export function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (!object.kind.startsWith('ClusterRole')) return object;
  const name = `${object.metadata.name}-${namespace}`;
  const roleRef =
    object.kind === 'ClusterRoleBinding' ? { roleRef: { ...(object.roleRef as object), name } } : {};
  return { ...object, ...roleRef, metadata: { ...object.metadata, name } } as KubeObject;
}
