import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { adoptionView, importView } from '../../src/cli/views/adoption.ts';
import { approvalKeyView } from '../../src/cli/views/approval.ts';
import { appListView, appView } from '../../src/cli/views/apps.ts';
import { catalogTrustView } from '../../src/cli/views/catalog-trust.ts';
import { catalogVerificationView } from '../../src/cli/views/catalog-verification.ts';
import { catalogListView, catalogRemovalView, catalogUpdateView } from '../../src/cli/views/catalogs.ts';
import { changeView, removalView } from '../../src/cli/views/change.ts';
import { createdAppView } from '../../src/cli/views/created-app.ts';
import { credentialsView } from '../../src/cli/views/credentials.ts';
import { doctorView } from '../../src/cli/views/doctor.ts';
import { driftView, repairView } from '../../src/cli/views/drift.ts';
import { eventsView } from '../../src/cli/views/events.ts';
import { exportedChartView } from '../../src/cli/views/exported-chart.ts';
import { imageListView } from '../../src/cli/views/images.ts';
import { historyView, installationListView, mixedListView } from '../../src/cli/views/installations.ts';
import { lintView } from '../../src/cli/views/lint.ts';
import { madeCatalogView } from '../../src/cli/views/made-catalog.ts';
import { outdatedView } from '../../src/cli/views/outdated.ts';
import { toJson } from '../../src/cli/views/print.ts';
import { forgetView, verifyView } from '../../src/cli/views/residue.ts';
import { approvalView, savedPlanView } from '../../src/cli/views/saved-plan.ts';
import { serverView } from '../../src/cli/views/server.ts';
import { statusView } from '../../src/cli/views/status.ts';
import { manifestView, storedView } from '../../src/cli/views/stored.ts';
import { testsView } from '../../src/cli/views/tests.ts';
import { whyView } from '../../src/cli/views/why.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { PlanFile } from '../../src/domain/plan-file.ts';
import { errorOutput } from '../../src/outputs/error.ts';
import type { Cluster, Records } from '../../src/services/ports.ts';
import type { Sandboxes } from '../../src/services/sandboxes.ts';
import {
  changed,
  details,
  eventReport,
  failure,
  link,
  metadata,
  plan,
  record,
  ref,
  report,
  sandbox,
  signedIndex,
  whyReport,
} from './samples.ts';

const schema = JSON.parse(
  await readFile(new URL('../../docs/schema/outputs.v1.json', import.meta.url), 'utf8'),
);
const page = await readFile(new URL('../../docs/outputs.md', import.meta.url), 'utf8');
const verifiedIndex = { ...signedIndex, verifiedAt: '2026-01-02T00:00:00Z' };
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).addSchema(
  schema,
  'outputs',
);

/** What is wrong with a value as one of its kind; as JSON, for absent fields and `undefined` are the same there. */
function problems(data: unknown): unknown {
  const value = JSON.parse(toJson(data));
  const validate = ajv.getSchema(`outputs#/$defs/${value.kind}`);
  if (validate === undefined) return `no schema for ${value.kind}`;
  return validate(value) ? [] : validate.errors;
}

const simulated = { simulated: true, verbose: false };
const real = { simulated: false, verbose: false };
const installation = { namespace: 'team', name: 'wiki' };
const { previous: _previous, ...firstPlan } = plan;
const { record: _record, ...planned } = changed;
const { pending: _pending, ...quiet } = report;
const savedPlan = {
  plan: firstPlan,
  made: { at: '2026-01-01T00:00:00Z', by: 'ann@laptop' },
  requireApproval: true,
  approvals: [{ by: 'bob', at: '2026-01-02T00:00:00Z', keyDigest: 'sha256:00', holds: true }],
  values: { replicas: 7 },
  secretRefs: [{ path: 'password', secret: 'given', key: 'password' }],
  images: [{ image: 'docker.io/traefik/whoami:1', used: ['Deployment/wiki web'] }],
};
const removal = { outcome: 'removed', plan, waited: true, left: [{ ref, reason: 'holds data' }] } as const;

const at = '2026-01-01T00:00:00Z';

const exportedChart = {
  ...installation,
  ...{ revision: 3, chart: 'wiki', version: '1.2.0' },
  isChart: true,
  files: { 'Chart.yaml': '' },
  values: {},
  set: ['size=1000000'],
};

const planFile: PlanFile = {
  apiVersion: 'appstore.dev/v1',
  kind: 'PlanFile',
  formatVersion: 1,
  operation: 'install',
  ...installation,
  made: { at: '2026-01-01T00:00:00Z', by: 'ann' },
  requireApproval: true,
  bound: { clusterUid: 'u', packageDigest: 'd', basis: '', createNamespace: false, objects: [] },
  nonce: '0123456789abcdef',
  secrets: [],
  content: '',
  approvals: [{ key: 'k', by: 'bob', at: '2026-01-01T00:00:00Z', signature: 's' }],
};

const outputs: readonly (readonly [string, unknown])[] = [
  ['AppList', appListView([{ catalog: 'builtin', app: metadata, score: 1 }], []).data],
  ['AppList', appListView([], [{ catalog: 'team', error: new AppstoreError('YAML_INVALID', 'x') }]).data],
  ['App', appView(details).data],
  ['App', appView({ ...details, description: { ...details.description, requires: {} } }).data],
  [
    'CatalogList',
    catalogListView([
      {
        name: 'team',
        kind: 'helm',
        location: 'https://x',
        anonymous: false,
        indexed: { apps: 1, versions: 2 },
        checked: new Date(0),
        signedBy: { key: 'PEM', as: 'example.com/team' },
        signature: { signers: [{ signer: signedIndex.signer }], index: verifiedIndex, current: true },
      },
      { name: 'reg', kind: 'oci', location: 'oci://x/y', anonymous: true, plainHttp: true, caFile: '/ca' },
    ]).data,
  ],
  ['CatalogRemoval', catalogRemovalView('team').data],
  [
    'CatalogTrust',
    catalogTrustView({
      name: 'team',
      signers: [
        { signer: signedIndex.signer },
        { signer: 'ann@example.com', issuer: 'https://accounts.example.com' },
      ],
      as: 'example.com/team',
      updateNeeded: true,
    }).data,
  ],
  [
    'CatalogUpdate',
    catalogUpdateView([
      {
        name: 'team',
        outcome: 'read',
        apps: 1,
        versions: 2,
        skipped: 1,
        problems: [{ at: 'web', message: 'none' }],
        signed: verifiedIndex,
      },
      {
        name: 'reg',
        outcome: 'failed',
        error: new AppstoreError('CATALOG_UNREACHABLE', 'no answer'),
        checked: new Date('2026-01-01T00:00:00Z'),
      },
    ]).data,
  ],
  [
    'CatalogVerification',
    catalogVerificationView([
      { name: 'a', location: 'https://a', outcome: 'unsigned', problems: [] },
      {
        name: 'b',
        location: 'https://b',
        outcome: 'failed',
        signature: { signers: [{ signer: signedIndex.signer }], index: verifiedIndex, current: false },
        server: signedIndex,
        problems: [{ code: 'SIGNATURE_EXPIRED', message: 'the signature', hint: 'Ask.' }],
      },
    ]).data,
  ],
  [
    'MadeCatalog',
    madeCatalogView({
      location: '/site',
      apps: 1,
      versions: 2,
      added: [{ name: 'web', version: '1.0.0' }],
      problems: [{ at: 'web 1.0.0', message: 'no icon' }],
      signed: {
        ...signedIndex,
        others: [{ signer: 'ann@example.com', issuer: 'https://accounts.example.com' }],
      },
    }).data,
  ],
  [
    'LintReport',
    lintView({
      apps: 1,
      findings: [
        {
          app: 'web',
          rule: 'icon',
          severity: 'warning',
          message: 'm',
          fix: 'f',
          file: 'web/app.yaml',
          line: 1,
          column: 1,
        },
        {
          app: 'web',
          rule: 'readme',
          severity: 'error',
          message: 'm',
          fix: 'f',
          file: 'web/app.yaml',
          line: 1,
          column: 1,
          object: 'Pod/x',
          suppressed: 'because',
        },
      ],
    }).data,
  ],
  ['CreatedApp', createdAppView({ name: 'web', folder: 'web', files: ['app.yaml'] }).data],
  ['ExportedChart', exportedChartView(exportedChart, 'web').data],
  ['ExportedChart', exportedChartView({ ...exportedChart, madeOfObjects: 'it is no chart' }, 'web').data],
  ['ImageList', imageListView([{ image: 'nginx:1', used: ['Deployment/wiki web'] }]).data],
  ['List', manifestView([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }]).data],
  ['Change', changeView(changed, simulated).data],
  ['Change', changeView({ ...planned, outcome: 'planned', plan: firstPlan }, real).data],
  ['Change', savedPlanView(savedPlan, false).data],
  ['PlanApproval', approvalView(planFile, savedPlan, false).data],
  ['ApprovalKey', approvalKeyView('key.pem', 'sha256:00').data],
  ['Removal', removalView(removal, simulated).data],
  ['Removal', removalView({ ...removal, outcome: 'planned', left: [] }, real).data],
  [
    'Drift',
    driftView({
      ...installation,
      revision: 3,
      objects: [
        {
          ref,
          state: 'changed',
          by: ['kubectl-edit'],
          fields: [
            { path: '.spec.replicas', expected: 1, live: 5, manager: 'kubectl-edit' },
            { path: '.data' },
          ],
        },
      ],
      problems: [{ message: 'not all was read' }],
    }).data,
  ],
  [
    'Repair',
    repairView(
      { outcome: 'repaired', plan: { ...plan, operation: 'repair' }, left: [{ ref, reason: 'theirs' }] },
      simulated,
    ).data,
  ],
  [
    'TestReport',
    testsView(
      {
        ...installation,
        revision: 3,
        tests: [
          { ref, result: 'passed', startedAt: at, finishedAt: at, message: '' },
          { ref, result: 'failed', startedAt: at, finishedAt: at, cause: 'JOB_FAILED', message: 'it failed' },
        ],
      },
      simulated,
    ).data,
  ],
  ['Residue', verifyView({ ...installation, left: [{ ref, reason: 'holds data' }], unread: ['nodes'] }).data],
  ['Forgotten', forgetView({ record, kept: [ref] }).data],
  ['Adoption', adoptionView({ outcome: 'adopted', plan: { ...plan, operation: 'adopt' } }, simulated).data],
  ['Adoption', adoptionView({ outcome: 'returned', plan: { ...plan, operation: 'return' } }, real).data],
  [
    'HelmImport',
    importView(
      {
        items: [
          { ...installation, revision: 2, outcome: 'adopted', objects: 3, warnings: ['one is missing'] },
          {
            ...installation,
            revision: 1,
            outcome: 'failed',
            objects: 0,
            warnings: [],
            error: new AppstoreError('HELM_RELEASE_UNSETTLED', 'it failed', { problems: [{ message: 'x' }] }),
          },
        ],
        limitedTo: 'team',
        unread: ['ConfigMap'],
      },
      { namespaces: true },
    ).data,
  ],
  ['InstallationList', installationListView({ items: [record] }, { namespaces: true }).data],
  ['InstallationList', installationListView({ items: [], limitedTo: 'team' }, { namespaces: true }).data],
  [
    'InstallationList',
    mixedListView(
      {
        items: [record],
        releases: [
          {
            ...installation,
            app: 'nginx',
            version: '1.0.0',
            appVersion: '',
            revision: 2,
            state: 'pending-upgrade',
            updatedAt: '2026-01-01T00:00:00Z',
          },
        ],
        chartsUnread: false,
        problems: [{ message: 'not all was read' }],
      },
      { namespaces: true },
    ).data,
  ],
  [
    'OutdatedList',
    outdatedView(
      {
        checked: 2,
        items: [{ installation: record, latest: { version: '9.0.0', appVersion: '9' } }],
        unknown: [{ installation: record, reason: 'there is no catalog' }],
        limitedTo: 'team',
      },
      { namespaces: true },
    ).data,
  ],
  ['InstallationStatus', statusView(report, simulated).data],
  ['InstallationStatus', statusView(quiet, real).data],
  ['Diagnosis', whyView(whyReport, simulated).data],
  ['Diagnosis', whyView({ record, source: 'record', revision: 1, problems: [] }, real).data],
  ['EventList', eventsView(eventReport).data],
  ['EventList', eventsView({ record, events: [], problems: [] }).data],
  ['RevisionList', historyView({ record, revisions: record.revisions }).data],
  [
    'UserValues',
    storedView({
      part: 'values',
      values: { a: 1 },
      secretRefs: [{ path: 'p', secret: 's', key: 'k' }],
      yielded: [{ object: 'Deployment.apps/team/web', field: '.spec.replicas' }],
      patches: [{ target: { kind: 'Deployment', name: 'web' }, merge: { spec: { paused: true } } }],
      imageRegistry: 'mirror.example.com',
      imagePullSecrets: ['pull'],
    }).data,
  ],
  ['Notes', storedView({ part: 'notes', notes: 'Read this.' }).data],
  ['OutputList', storedView({ part: 'outputs', outputs: changed.outputs }).data],
  ['CredentialList', credentialsView(installation, { key: 'value' }, { values: true }).data],
  ['CredentialList', credentialsView(installation, { key: 'value' }, { values: false }).data],
  [
    'DoctorReport',
    doctorView({
      healthy: true,
      findings: [{ area: 'cluster', check: 'version', state: 'ok', message: 'fine', fix: 'nothing' }],
    }).data,
  ],
  [
    'Server',
    serverView({ address: 'http://127.0.0.1:7080', link: 'http://127.0.0.1:7080/login?once=x' }).data,
  ],
  ['Server', serverView({ address: 'http://127.0.0.1:8080', metrics: 'http://127.0.0.1:9090/metrics' }).data],
  ['Error', errorOutput(failure)],
  ['Error', errorOutput(new AppstoreError('INTERNAL', 'x'))],
];

/** Runs a command with stand-ins for what it would connect to; answers what it wrote to stdout. */
async function written(argv: readonly string[]): Promise<unknown> {
  const stdout = new PassThrough();
  const io: Io = {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    env: {},
    cwd: '/',
    platform: 'linux',
    signal: new AbortController().signal,
  };
  expect(
    await run([...argv, '-o', 'json'], io, {
      sandboxes,
      connect: async () => cluster,
      records: () => records,
    }),
  ).toBe(0);
  return JSON.parse(String(stdout.read()));
}

const { name, folder, server = '', kubeconfig, context } = sandbox;
const sandboxes: Sandboxes = {
  start: async () => ({ name, folder, server, kubeconfig, context, existing: false, stop: async () => {} }),
  stop: async () => {},
  status: async () => sandbox,
  list: async () => [sandbox],
};

// `open` needs no more of the two than this where the app has an address.
const cluster = {
  target: { namespace: 'team', simulated: false },
  close: async () => {},
} as unknown as Cluster;
const records = {
  read: async () => record,
  revision: async () => ({
    number: 1,
    rendered: { objects: [], outputs: [], open: [link], notes: '', problems: [] },
  }),
  readGenerated: async () => ({}),
  revisionHead: async () => ({ secretPaths: [], options: { values: {} } }),
} as unknown as Records;

const runs: readonly (readonly [string, readonly string[]])[] = [
  ['Link', ['open', 'wiki', '--no-browser']],
  ['Sandbox', ['sandbox', 'start']],
  ['SandboxList', ['sandbox', 'status']],
  ['SandboxStop', ['sandbox', 'stop']],
  ['Version', ['version']],
];

describe('JSON outputs', () => {
  it.each(outputs)('%s is as documented', (kind, data) => {
    expect(data).toMatchObject({ kind });
    expect(problems(data)).toEqual([]);
  });

  it.each(runs)('%s is as documented', async (kind, argv) => {
    const data = await written(argv);
    expect(data).toMatchObject({ kind });
    expect(problems(data)).toEqual([]);
  });

  it('shows every kind of the schema in this test, and tells of it in docs/outputs.md', () => {
    const kinds = schema.oneOf.map(({ $ref }: { $ref: string }) => $ref.replace('#/$defs/', ''));
    expect([...new Set([...outputs, ...runs].map(([kind]) => kind))].sort()).toEqual([...kinds].sort());
    expect(kinds.filter((kind: string) => !page.includes(`\n### ${kind}\n`))).toEqual([]);
  });

  it('refuses a field that the schema does not know', () => {
    expect(
      problems({ apiVersion: 'appstore.dev/v1', kind: 'SandboxStop', name: 'x', more: 1 }),
    ).toMatchObject([{ keyword: 'additionalProperties' }]);
  });

  it('holds neither raw objects nor the token of a pending operation', () => {
    const text = toJson([changeView(changed, real).data, statusView(report, real).data]);
    expect(text).not.toContain('secret-token-of-the-operation');
    expect(text).not.toContain('desired');
  });
});
