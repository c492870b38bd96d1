import type {
  AppMetadata,
  JsonSchema,
  Package,
  PackageDescription,
  PackageFile,
  ResolvedPackage,
} from '../../src/domain/app.ts';
import { contentDigest } from '../../src/domain/content-digest.ts';
import { isObject, type JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { RenderRequest } from '../../src/domain/rendered.ts';
import { SANDBOX_BEHAVIOUR } from '../../src/domain/sandbox.ts';
import type { Catalog, Renderer } from '../../src/services/ports.ts';

/** An app made of functions, for tests of the spine: a real catalog and renderer by their ports, without files. */
export interface FixtureApp {
  readonly name?: string;
  readonly version: string;
  readonly schema?: JsonSchema;
  readonly requires?: PackageDescription['requires'];
  objects(request: RenderRequest): KubeObject[];
  /** Objects that run as hooks. */
  readonly hooks?: readonly FixtureHook[];
}

/** A hook of a fixture app; weight 0 and no policies where not said. */
export interface FixtureHook {
  readonly object: KubeObject;
  readonly events: readonly string[];
  readonly weight?: number;
  readonly deletePolicies?: readonly string[];
  readonly logPolicies?: readonly string[];
}

const openSchema: JsonSchema = { type: 'object', additionalProperties: true };

function metadataOf(app: FixtureApp): AppMetadata {
  const name = app.name ?? 'fixture';
  return {
    name,
    version: app.version,
    appVersion: app.version,
    title: name,
    summary: 'An app for tests',
    description: '',
    category: 'other',
    keywords: [],
    license: 'Apache-2.0',
    home: 'https://example.com',
    sources: [],
    maintainers: [],
    icon: '',
  };
}

const filesOf = (version: string): PackageFile[] => [
  { path: 'fixture', mode: 0o644, content: Buffer.from(version) },
];

function resolvedOf(app: FixtureApp): ResolvedPackage {
  const { name, version, appVersion } = metadataOf(app);
  return {
    catalog: 'test',
    name,
    version,
    appVersion,
    contentDigest: contentDigest(filesOf(version)),
    source: 'test',
  };
}

/** A catalog that has the one app, at the version that `current` answers when asked. */
export function fixtureCatalog(current: () => FixtureApp): Catalog {
  return {
    name: 'test',
    search: async () => [{ catalog: 'test', app: metadataOf(current()), score: 1 }],
    versions: async (name) => (name === metadataOf(current()).name ? [metadataOf(current())] : []),
    resolve: async (reference) =>
      reference.name === metadataOf(current()).name ? resolvedOf(current()) : undefined,
    open: async (resolved): Promise<Package> => ({
      resolved,
      files: filesOf(resolved.version),
    }),
  };
}

/** Renders with the app's own function; `at` answers the app of a version, which the package's one file says. */
export function fixtureRenderer(at: (version: string) => FixtureApp, pure?: string): Renderer {
  const appOf = (files: readonly PackageFile[]) => at(Buffer.from(files[0]?.content ?? []).toString());
  return {
    ...(pure === undefined ? {} : { pure }),
    accepts: () => true,
    describe: async (files) => ({
      metadata: metadataOf(appOf(files)),
      schema: appOf(files).schema ?? openSchema,
      requires: appOf(files).requires ?? {},
      readme: '',
    }),
    render: async (files, source, request) => ({
      objects: [
        ...appOf(files)
          .objects(request)
          .map((object, index) => ({
            object,
            source: { file: source, line: index + 1 },
            phase: { kind: object.kind === 'CustomResourceDefinition' ? 'crd' : 'normal' } as const,
          })),
        ...(appOf(files).hooks ?? []).map(({ object, weight = 0, deletePolicies = [], ...hook }) => ({
          object,
          source: { file: source },
          phase: { kind: 'hook' as const, ...hook, weight, deletePolicies },
        })),
      ],
      outputs: [],
      open: [],
      notes: '',
      problems: [],
    }),
  };
}

/** A ConfigMap, as an object of an app. */
export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** A Job that ends well, or as the sandbox's behaviour says. */
export function job(name: string, behaviour?: 'job-failed' | 'job-running'): KubeObject {
  const annotations = behaviour === undefined ? {} : { [SANDBOX_BEHAVIOUR]: behaviour };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations },
        spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'example.com/work:1' }] },
      },
    },
  };
}

/** A Deployment with one container. */
export function deployment(
  name: string,
  options: { image?: string; replicas?: number; env?: JsonObject[] } = {},
): KubeObject {
  const labels = { 'app.kubernetes.io/name': name };
  const container = { name: 'web', image: options.image ?? 'example.com/web:1', env: options.env ?? [] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** The number at a path of an object that a test reads. */
export function fieldOf(object: KubeObject | undefined, ...path: string[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object);
}
