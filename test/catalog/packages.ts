import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFolderCatalog } from '../../src/adapters/catalog/folder.ts';
import { appYamlRenderer } from '../../src/adapters/render/app-yaml.ts';
import type { JsonSchema, PackageDescription } from '../../src/domain/app.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { parseReference } from '../../src/domain/reference.ts';
import type { Rendered } from '../../src/domain/rendered.ts';
import { showApp } from '../../src/services/browse.ts';
import { template } from '../../src/services/template.ts';

/** The built-in catalog, as `template` and the checks of it see it. */
export const catalogFolder = join(import.meta.dirname, '../../catalog');

export const apps: readonly string[] = readdirSync(catalogFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

const deps = { catalogs: [openFolderCatalog('builtin', catalogFolder)], renderers: [appYamlRenderer()] };

export async function describeApp(app: string): Promise<PackageDescription> {
  return (await showApp(deps, parseReference(app))).description;
}

/** Renders as `appstore template` does: generated secrets are a placeholder. */
export function render(app: string, values: JsonObject = {}, name = 'my'): Promise<Rendered> {
  const given = { values, secretRefs: [] };
  return template(deps, { app: parseReference(app), name, namespace: 'apps', given });
}

/** What stands for a generated secret in `render`. */
export const secretPlaceholder = 'generated-at-install';

export function readme(app: string): string {
  return readFileSync(join(catalogFolder, app, 'README.md'), 'utf8');
}

/** The parts of Kubernetes objects that the checks look at. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { name: string; valueFrom?: { secretKeyRef?: KeyRef; configMapKeyRef?: KeyRef } }[];
  readonly envFrom?: readonly { secretRef?: { name: string }; configMapRef?: { name: string } }[];
  readonly ports?: readonly { name: string; containerPort: number }[];
  readonly startupProbe?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  readonly securityContext?: Record<string, unknown>;
  readonly volumeMounts?: readonly { name: string }[];
}

export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Record<string, unknown>;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    name: string;
    configMap?: { name: string; items?: readonly { key: string }[] };
    secret?: { secretName: string; items?: readonly { key: string }[] };
    persistentVolumeClaim?: { claimName: string };
  }[];
}

/** A workload and its pods. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly spec: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
}

export function workloads(rendered: Rendered): readonly Workload[] {
  return rendered.objects.flatMap(({ object }): Workload[] => {
    const spec = (object.spec ?? {}) as JsonObject;
    const template = templateOf(object.kind, spec);
    if (template === undefined) return [];
    const { metadata = {} } = template;
    const { labels = {}, annotations = {} } = metadata;
    return [
      { kind: object.kind, name: object.metadata.name ?? '', spec, labels, annotations, pod: template.spec },
    ];
  });
}

interface PodTemplate {
  readonly metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  readonly spec: PodSpec;
}

function templateOf(kind: string, spec: JsonObject): PodTemplate | undefined {
  if (['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)) {
    return spec.template as unknown as PodTemplate;
  }
  if (kind !== 'CronJob') return undefined;
  return (spec.jobTemplate as unknown as { spec: { template: PodTemplate } }).spec.template;
}

/** Every leaf of a schema of values, with its path. */
export function leaves(
  schema: JsonSchema,
  path: readonly string[] = [],
): { path: readonly string[]; schema: JsonSchema }[] {
  if (schema.properties === undefined) return [{ path, schema }];
  return Object.entries(schema.properties).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}
