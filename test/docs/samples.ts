import type { AppMetadata, ResolvedPackage } from '../../src/domain/app.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { SignedIndex } from '../../src/domain/index-statement.ts';
import type { ObjectRef } from '../../src/domain/objects.ts';
import type { Plan, PlannedObject } from '../../src/domain/plan.ts';
import type { InstallationRecord, RevisionSummary } from '../../src/domain/release.ts';
import type { OpenLink } from '../../src/domain/rendered.ts';
import type { EventReport } from '../../src/services/installation-events.ts';
import type { AppDetails, ChangeResult, StatusReport, WhyReport } from '../../src/services/requests.ts';
import type { SandboxStatus } from '../../src/services/sandboxes.ts';

// One value of everything that a view can be given, with every field that may be absent.

const resolved: ResolvedPackage = {
  catalog: 'builtin',
  name: 'wiki',
  version: '1.2.0',
  appVersion: '9.1',
  contentDigest: `sha256:${'0'.repeat(64)}`,
  source: 'catalog/wiki',
  archiveDigest: `sha256:${'1'.repeat(64)}`,
  provenance: {
    indexDigest: `sha256:${'3'.repeat(64)}`,
    signature: {
      signer: `sha256:${'2'.repeat(64)}`,
      catalog: 'example.com/team',
      version: 7,
      verifiedAt: '2026-01-02T00:00:00Z',
    },
  },
};

export const signedIndex: SignedIndex = {
  signer: `sha256:${'2'.repeat(64)}`,
  catalog: 'example.com/team',
  version: 7,
  issued: '2026-01-01T00:00:00Z',
  expires: '2026-02-01T00:00:00Z',
  digest: `sha256:${'3'.repeat(64)}`,
};

export const metadata: AppMetadata = {
  name: 'wiki',
  version: '1.2.0',
  appVersion: '9.1',
  title: 'Wiki',
  summary: 'Pages that everybody edits',
  description: 'A wiki.',
  category: 'office',
  keywords: ['pages'],
  license: 'MIT',
  home: 'https://wiki.example',
  sources: ['https://wiki.example/source'],
  maintainers: [{ name: 'Wiki people', email: 'wiki@wiki.example', url: 'https://wiki.example' }],
  icon: 'icon.svg',
};

export const details: AppDetails = {
  resolved,
  description: {
    metadata,
    schema: { type: 'object', properties: { replicas: { type: 'integer', default: 1 } } },
    requires: { kubernetes: '>=1.29', capabilities: ['storage'] },
    readme: '# Wiki\n',
  },
  versions: [metadata],
};

export const ref: ObjectRef = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'team',
  name: 'wiki',
};

export const link: OpenLink = {
  title: 'Wiki',
  url: 'https://wiki.example/',
  service: { name: 'wiki', port: 'http', path: '/', scheme: 'http' },
};

const planned: PlannedObject = {
  ref,
  action: 'update',
  reason: 'the package changed',
  phase: { kind: 'normal' },
  stage: 4,
  rank: 3,
  checked: 'server',
  changes: [{ path: '.spec.paused', before: null, after: true }, { path: '.spec.replicas' }],
  conflicts: [{ manager: 'kubectl', field: '.spec.replicas', ours: 1, theirs: 3 }],
  desired: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'wiki' } },
  source: { file: 'app.yaml', line: 3, column: 1 },
  live: { uid: 'u', digest: 'd' },
};

export const plan: Plan = {
  formatVersion: 1,
  operation: 'upgrade',
  target: { context: 'dev', server: 'https://10.0.0.1', clusterUid: 'c', namespace: 'team', name: 'wiki' },
  app: resolved,
  previous: { ...resolved, version: '1.1.0' },
  revision: 2,
  restores: 1,
  basis: '17',
  createNamespace: false,
  objects: [planned],
  hooks: [
    {
      ref: { ...ref, group: 'batch', kind: 'Job', name: 'wiki-migrate' },
      runs: ['pre-upgrade'],
      weight: -5,
      deletePolicies: ['hook-succeeded'],
      logPolicies: [],
      action: 'replace',
      checked: 'schema',
      desired: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'wiki-migrate' } },
      source: { file: 'templates/migrate.yaml' },
    },
  ],
  handovers: [{ ref, by: 'HorizontalPodAutoscaler/team/wiki', transfer: true }],
  grants: [{ by: 'ClusterRole/wiki', rights: 'get nodes' }],
  kept: [{ ref, reason: 'holds data' }],
  beyond: [{ ref, reason: 'it gives rights' }],
  warnings: [{ message: 'something', at: 'values.x', hint: 'do this' }],
};

export const record: InstallationRecord = {
  name: 'wiki',
  namespace: 'team',
  catalog: 'builtin',
  app: 'wiki',
  version: '1.2.0',
  appVersion: '9.1',
  revision: 2,
  state: 'deployed',
  updatedAt: '2026-01-02T03:04:05Z',
  formatVersion: 1,
  uid: 'u',
  resourceVersion: '17',
  revisions: [
    {
      number: 2,
      operation: 'upgrade',
      version: '1.2.0',
      appVersion: '9.1',
      startedAt: '2026-01-02T03:04:05Z',
      finishedAt: '2026-01-02T03:05:05Z',
      result: 'failed',
      target: 1,
      cause: 'CRASH_LOOP',
      message: 'the container ends',
    },
    {
      number: 1,
      operation: 'install',
      version: '1.1.0',
      appVersion: '9.0',
      startedAt: '2026-01-01T03:04:05Z',
      result: 'pending',
    },
  ],
  inventory: [],
  madeNamespace: false,
};

export const changed: ChangeResult = {
  outcome: 'changed',
  plan,
  record,
  notes: 'Read this.',
  outputs: [{ name: 'host', value: 'wiki.example' }],
  open: [link, { title: 'Admin' }],
  waited: true,
  generated: ['auth.password'],
};

export const report: StatusReport = {
  record,
  objects: [
    { ref, health: { status: 'current', reason: 'ready' }, detail: '1/1 ready', age: '3d' },
    {
      ref,
      health: { status: 'failed', reason: 'ends', cause: 'CRASH_LOOP', notObserved: true },
      detail: '',
      age: '3d',
    },
  ],
  health: 'unhealthy',
  package: resolved,
  pending: {
    id: 'secret-token-of-the-operation',
    operation: 'upgrade',
    revision: 2,
    startedAt: '2026-01-02T03:04:05Z',
    holder: 'me@host (process 7)',
    journal: [],
  },
  outputs: [],
  open: [],
  notes: '',
  problems: [{ message: 'something' }],
};

export const whyReport: WhyReport = {
  record,
  source: 'live',
  revision: 2,
  health: 'unhealthy',
  diagnosis: {
    at: '2026-01-02T03:04:05Z',
    cause: 'CRASH_LOOP',
    message: 'container wiki keeps ending',
    findings: [
      {
        ref: { ...ref, group: '', kind: 'Pod', name: 'wiki-1' },
        cause: 'CRASH_LOOP',
        reason: 'container wiki keeps ending',
        evidence: [{ ref, source: 'log', text: 'starting\nno database' }],
        affects: [ref],
      },
    ],
  },
  failed: record.revisions[0] as RevisionSummary,
  problems: [{ message: 'something' }],
};

export const eventReport: EventReport = {
  record,
  events: [
    {
      about: ref,
      uid: 'u',
      warning: true,
      reason: 'FailedCreate',
      message: 'no room',
      count: 3,
      at: '2026-01-02T03:04:05Z',
    },
    { about: ref, uid: 'u', warning: false, reason: 'Scaled', message: '', count: 1, at: '' },
  ],
  problems: [{ message: 'something' }],
};

export const sandbox: SandboxStatus = {
  name: 'default',
  condition: 'broken',
  folder: '/home/me/.cache/appstore/sandboxes/default',
  server: 'https://127.0.0.1:6443',
  kubeconfig: '/home/me/.cache/appstore/sandboxes/default/kubeconfig',
  context: 'sandbox',
  attached: false,
  startedAt: '2026-01-02T03:04:05Z',
  programs: [{ name: 'etcd', pid: 7, running: false, ended: 'exit code 1', log: '/home/me/etcd.log' }],
};

export const failure = new AppstoreError('YAML_INVALID', 'a tab', {
  place: { file: 'app.yaml', line: 3, column: 1, field: 'values' },
  problems: [{ message: 'a tab', at: 'app.yaml:3:1', hint: 'use spaces' }],
});
