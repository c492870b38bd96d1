import type { ClusterFacts, PackageFile } from '../../src/domain/app.ts';
import type { RenderRequest } from '../../src/domain/rendered.ts';

/** The head of an app.yaml with nothing wrong in it: seven lines. */
export const appHead = `apiVersion: appstore.dev/v1
kind: App
metadata:
  {name: web, version: 1.2.3, appVersion: "9", title: Web, summary: A page, category: web, license: MIT, home: "https://a.example"}
`;

/** Files of a package, by path. */
export function packageFiles(files: Readonly<Record<string, string>>): PackageFile[] {
  return Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => ({ path, mode: 0o644, content: new TextEncoder().encode(content) }));
}

/** A package of the head and what follows it. */
export function appFiles(rest: string, further: Readonly<Record<string, string>> = {}): PackageFile[] {
  return packageFiles({ 'app.yaml': appHead + rest, ...further });
}

const someFacts: ClusterFacts = {
  version: { major: 1, minor: 36, gitVersion: 'v1.36.3' },
  capabilities: ['ingress', 'storage'],
  storageClass: 'standard',
  ingressClass: 'nginx',
};

export function renderRequest(values: RenderRequest['values'] = {}): RenderRequest {
  return {
    values,
    installation: { name: 'shop', namespace: 'prod', revision: 1, isUpgrade: false },
    cluster: someFacts,
  };
}
