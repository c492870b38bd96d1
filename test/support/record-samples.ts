import { randomBytes } from 'node:crypto';
import type { Package } from '../../src/domain/app.ts';
import type { Diagnosis } from '../../src/domain/diagnosis.ts';
import type { InventoryEntry } from '../../src/domain/inventory.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Operation } from '../../src/domain/plan.ts';
import type { InstallationRecord, PendingOperation, RevisionContent } from '../../src/domain/release.ts';
import type { BeginRequest, FinishRequest } from '../../src/services/ports.ts';

export function samplePackage(
  version: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Package {
  const all: Record<string, string | Uint8Array> = { 'app.yaml': 'kind: App\n', ...files };
  return {
    resolved: {
      catalog: 'builtin',
      name: 'whoami',
      version,
      appVersion: `v${version}`,
      contentDigest: `sha256:${version}`,
      source: 'catalog/whoami',
    },
    files: Object.entries(all).map(([path, content]) => ({
      path,
      mode: 0o644,
      content: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    })),
  };
}

export function sampleContent(
  number: number,
  version: string,
  more: { readonly values?: JsonObject; readonly notes?: string; readonly digestKey?: string } = {},
): RevisionContent {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { version } };
  return {
    number,
    package: samplePackage(version).resolved,
    options: {
      values: more.values ?? { replicas: 2 },
      secretRefs: [],
      patches: [],
      imageRegistry: '',
      imagePullSecrets: [],
      yielded: [],
    },
    facts: {
      version: { major: 1, minor: 36, gitVersion: 'v1.36.3' },
      capabilities: ['storage'],
      storageClass: 'standard',
      ingressClass: '',
    },
    secretPaths: ['password'],
    digestKey: more.digestKey ?? 'key-of-the-installation',
    rendered: {
      objects: [{ object, source: { file: 'app.yaml', line: 3 }, phase: { kind: 'normal' } }],
      outputs: [{ name: 'url', value: 'http://web' }],
      open: [],
      notes: more.notes ?? '',
      problems: [],
    },
  };
}

export function sampleEntry(name: string, more: Partial<InventoryEntry> = {}): InventoryEntry {
  return {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: 'default',
    name,
    uid: '',
    fields: '',
    applied: '',
    ...more,
  };
}

export function sampleOperation(operation: Operation, revision: number): PendingOperation {
  const id = randomBytes(8).toString('hex');
  const startedAt = '2026-01-02T03:04:05Z';
  return { id, operation, revision, startedAt, holder: 'somebody on somewhere', journal: [] };
}

/** The start of an install, or of an upgrade where a record is given. */
export function beginning(
  place: { readonly namespace: string; readonly name: string },
  version: string,
  more: Partial<BeginRequest> & { readonly values?: JsonObject } = {},
): BeginRequest {
  const { values, ...request } = more;
  const number = (request.record?.revisions.at(-1)?.number ?? 0) + 1;
  const operation = sampleOperation(request.record === undefined ? 'install' : 'upgrade', number);
  return {
    namespace: place.namespace,
    name: place.name,
    operation,
    content: sampleContent(number, version, values === undefined ? {} : { values }),
    package: samplePackage(version),
    inventory: [sampleEntry('web')],
    ...request,
  };
}

export function ending(record: InstallationRecord, more: Partial<FinishRequest> = {}): FinishRequest {
  const inventory = record.inventory;
  return { result: 'deployed', finishedAt: '2026-01-02T03:05:00Z', inventory, keep: 10, ...more };
}

const samplePod = { group: '', version: 'v1', kind: 'Pod', namespace: 'default', name: 'web-1' };
const sampleDeployment = { ...samplePod, group: 'apps', kind: 'Deployment', name: 'web' };

export const sampleDiagnosis: Diagnosis = {
  at: '2026-01-02T03:04:50.000Z',
  cause: 'CRASH_LOOP',
  message: '1 of 2 objects are not ready',
  findings: [
    {
      ref: samplePod,
      cause: 'CRASH_LOOP',
      reason: 'container web keeps ending',
      evidence: [
        { ref: samplePod, source: 'event', text: 'BackOff: restarting failed container' },
        { ref: samplePod, source: 'log', text: 'starting\nno database' },
      ],
      affects: [sampleDeployment],
    },
  ],
};
