import type { GroupVersionKind } from '../../../src/domain/objects.ts';

type Values = Readonly<Record<string, unknown>>;

/** A step of the life that both tools lead with a chart. */
export type Step = 'install' | 'upgrade' | 'rollback' | 'remove';

/** What is not the same after a step, and why that is so. */
interface Explained {
  readonly step: Step;
  readonly object: string;
  /** `only Helm`: it leaves the object, and we do not. */
  readonly how: 'only Helm' | 'only ours' | 'differs';
  readonly reason: string;
}

export interface ChartCase {
  /** Folder under test/fixtures/charts. */
  readonly chart: string;
  /** What of real charts it stands for. */
  readonly like: string;
  readonly release?: string;
  readonly values?: Values;
  /** Values of the upgrade, over the ones above. */
  readonly changed: Values;
  /** What chance or time makes of a template: replaced before objects are compared. */
  readonly random?: readonly (readonly [RegExp, string])[];
  readonly explained?: readonly Explained[];
  /** Kinds and names of definitions in crds/. */
  readonly definitions?: readonly { readonly name: string; readonly kind: GroupVersionKind }[];
  /** `--yes` and the like, which our commands need where the chart goes beyond its namespace. */
  readonly beyond?: boolean;
}

const forgotten = (step: Step, object: string): Explained => ({
  step,
  object,
  how: 'only Helm',
  reason: 'Helm forgets what its hooks made; we record it and remove it with the app (decision 0037)',
});

export const chartCases: readonly ChartCase[] = [
  {
    chart: 'web',
    like: 'the helpers, Ingress and autoscaler that most charts begin with',
    changed: {
      replicaCount: 3,
      podAnnotations: { rolled: 'yes' },
      imagePullSecrets: [{ name: 'pull' }],
      ingress: { enabled: true, tls: [{ secretName: 'tls', hosts: ['chart.example.com'] }] },
      resources: { requests: { cpu: '10m' } },
    },
  },
  {
    chart: 'web',
    like: 'names that are cut at 63 characters',
    release: 'a-release-whose-name-is-as-long-as-helm-lets-it-be-12',
    changed: { service: { type: 'NodePort' } },
  },
  {
    chart: 'umbrella',
    like: 'subcharts by condition, tag and alias, import-values, globals, a library',
    changed: { tags: { background: true }, sessions: { enabled: false }, global: { domain: 'changed.org' } },
  },
  {
    chart: 'database',
    like: 'a StatefulSet whose password is made once and looked up afterwards',
    changed: { settings: { max_connections: 200 } },
    random: [[/"password":"[A-Za-z0-9]{24}"/, '"password":"MADE"']],
    explained: [
      {
        step: 'remove',
        object: 'Secret/NAMESPACE/app-database',
        how: 'only ours',
        reason: 'the volumes stay, and their data opens with this password alone (decision 0039)',
      },
    ],
  },
  {
    chart: 'operator',
    like: 'definitions in crds/, their objects, cluster roles and bindings',
    changed: { size: 5 },
    definitions: [
      {
        name: 'widgets.charts.test.appstore.dev',
        kind: { group: 'charts.test.appstore.dev', version: 'v1', kind: 'Widget' },
      },
    ],
    beyond: true,
  },
  {
    chart: 'hooks',
    like: 'a hook at every event',
    changed: { note: 'second' },
    explained: [
      forgotten('remove', 'ConfigMap/NAMESPACE/app-settings'),
      forgotten('remove', 'Job/NAMESPACE/app-pre-install'),
      forgotten('remove', 'Job/NAMESPACE/app-post-upgrade'),
      forgotten('remove', 'Job/NAMESPACE/app-post-rollback'),
    ],
  },
  { chart: 'files', like: 'files of the chart and checksum annotations', changed: { greeting: 'good day' } },
  {
    chart: 'templated',
    like: 'templates in values, extra objects, values that are dropped by null',
    values: { team: 'one' },
    changed: { team: 'two', dropped: { two: null } },
  },
  {
    chart: 'capabilities',
    like: 'switches on API versions and on the version of Kubernetes',
    changed: { schedule: '0 * * * *' },
  },
  {
    chart: 'autoscaled',
    like: 'an autoscaler, a disruption budget, a network policy',
    changed: { max: 6, allowFrom: 'api' },
  },
  {
    chart: 'tasks',
    like: 'Jobs named after the revision, CronJobs, IsInstall and IsUpgrade',
    changed: { tag: '3.9' },
  },
  {
    chart: 'kept',
    like: 'helm.sh/resource-policy: keep, at a removal and when an object leaves the chart',
    changed: { note: 'second', backup: false },
  },
  {
    chart: 'webhook',
    like: 'webhooks with certificates that the chart makes',
    changed: { timeout: 7 },
    random: [
      [/-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----(\\n)?/g, 'PEM'],
      [/"caBundle":"[^"]+"/, '"caBundle":"CA"'],
      [/"checksum\/certificate":"[0-9a-f]{64}"/, '"checksum/certificate":"SUM"'],
    ],
    beyond: true,
  },
  { chart: 'listed', like: 'kind: List, many and empty documents', changed: { names: ['two', 'three'] } },
  {
    chart: 'elsewhere',
    like: 'objects in another namespace',
    changed: { note: 'second' },
    beyond: true,
  },
  { chart: 'strict', like: 'values.schema.json', changed: { level: 'debug', ports: [80, 8443] } },
  {
    chart: 'rolling',
    like: 'random and timed annotations, random names, bcrypt',
    changed: { note: 'second' },
    random: [
      [/"roll-me":"\w{5}"/, '"roll-me":"RANDOM"'],
      [/"at":"\d{14}\.\d+"/, '"at":"NOW"'],
      [/\$2a\$10\$[./\w]{53}/, 'BCRYPT'],
      [/app-[0-9a-f]{8}\b/g, 'app-RANDOM'],
    ],
  },
];
