import { checkJson } from './bounded-json.ts';
import { AppstoreError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** Every status that Helm writes (helm pkg/release/common/status.go). */
const helmStatuses = [
  'unknown',
  'deployed',
  'uninstalled',
  'superseded',
  'failed',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
] as const;

export type HelmStatus = (typeof helmStatuses)[number];

export interface HelmFile {
  /** Relative to the chart, with `/`. */
  readonly name: string;
  readonly data: Uint8Array;
}

/**
 * A chart as Helm stores it with a release. Its subcharts are not among it: Helm keeps them in a field that it does not write
 * (helm pkg/chart/v2/chart.go, `dependencies`), and so are the text and the comments of values.yaml (`Raw`).
 */
export interface HelmChart {
  /** Chart.yaml. */
  readonly metadata: JsonObject;
  /** Chart.lock; null where there is none. */
  readonly lock: JsonObject | null;
  readonly templates: readonly HelmFile[];
  readonly values: JsonObject;
  readonly schema?: Uint8Array;
  readonly files: readonly HelmFile[];
}

export interface HelmHook {
  readonly name: string;
  readonly kind: string;
  /** Template that it came from. */
  readonly path: string;
  /** YAML. */
  readonly manifest: string;
  readonly events: readonly string[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly logPolicies: readonly string[];
}

/** One revision of a Helm release. `config` and `manifest` hold secrets. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly status: HelmStatus;
  readonly description: string;
  readonly notes: string;
  /** RFC 3339; `''` where it is not said. */
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  /** The revision that a rollback went back to; 0 for none. Helm 3 says it in the description alone. */
  readonly rollbackRevision: number;
  /** The user's own values. */
  readonly config: JsonObject;
  /** Rendered objects as YAML, hooks not among them. */
  readonly manifest: string;
  readonly chart: HelmChart;
  readonly hooks: readonly HelmHook[];
  /** How Helm applies it: server-side, or client-side (what Helm 3 writes nothing for). */
  readonly applyMethod: 'ssa' | 'csa';
}

/** Largest that a release may be: whoever may edit the namespace may have written it. Far above what a Secret can hold in good order. */
export const helmReleaseLimits = {
  /** Bytes of the JSON, unpacked. */
  unpacked: 64 * 1024 * 1024,
  nodes: 1_000_000,
  depth: 200,
} as const;

/**
 * Reads a revision from its JSON. `where` is the object that holds it and begins every message.
 *
 * @throws AppstoreError HELM_RELEASE_INVALID.
 */
export function parseHelmRelease(text: string, where: string): HelmRelease {
  const data = readData(text, where);
  const info = isObject(data.info) ? data.info : {};
  const status = helmStatuses.find((known) => known === info.status);
  const version = data.version;
  if (status === undefined) throw invalid(where, `its status is ${shown(info.status)}`);
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw invalid(where, `its version is ${shown(version)}`);
  return {
    name: textOf(data.name),
    namespace: textOf(data.namespace),
    version,
    status,
    description: textOf(info.description),
    notes: textOf(info.notes),
    firstDeployed: textOf(info.first_deployed),
    lastDeployed: textOf(info.last_deployed),
    rollbackRevision: typeof info.rollback_revision === 'number' ? info.rollback_revision : 0,
    config: isObject(data.config) ? data.config : {},
    manifest: textOf(data.manifest),
    chart: readChart(data.chart, where),
    hooks: list(data.hooks).map((hook) => readHook(hook, where)),
    applyMethod: data.apply_method === 'ssa' ? 'ssa' : 'csa',
  };
}

/** The JSON of a revision with another status and nothing else changed, fields that are not known here included. */
export function withHelmStatus(text: string, status: HelmStatus, where: string): string {
  const data = readData(text, where);
  return JSON.stringify({ ...data, info: { ...(isObject(data.info) ? data.info : {}), status } });
}

/** The JSON of a revision as Helm reads it (helm pkg/release/v1/release.go). */
export function formatHelmRelease(release: HelmRelease): string {
  const { chart } = release;
  return JSON.stringify({
    name: release.name,
    info: {
      ...(release.firstDeployed === '' ? {} : { first_deployed: release.firstDeployed }),
      ...(release.lastDeployed === '' ? {} : { last_deployed: release.lastDeployed }),
      description: release.description,
      status: release.status,
      ...(release.rollbackRevision === 0 ? {} : { rollback_revision: release.rollbackRevision }),
      ...(release.notes === '' ? {} : { notes: release.notes }),
    },
    chart: {
      metadata: chart.metadata,
      lock: chart.lock,
      templates: chart.templates.map(fileData),
      values: chart.values,
      schema: chart.schema === undefined ? null : base64(chart.schema),
      schemamodtime: '0001-01-01T00:00:00Z',
      files: chart.files.map(fileData),
    },
    config: release.config,
    manifest: release.manifest,
    hooks: release.hooks.map(hookData),
    version: release.version,
    namespace: release.namespace,
    apply_method: release.applyMethod,
  });
}

function readData(text: string, where: string): JsonObject {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw invalid(where, 'it is not JSON', cause);
  }
  const wrong = checkJson(data, helmReleaseLimits);
  if (wrong !== undefined) throw invalid(where, wrong);
  if (!isObject(data)) throw invalid(where, 'it is not a JSON object');
  return data;
}

function readChart(chart: Json | undefined, where: string): HelmChart {
  if (!isObject(chart) || !isObject(chart.metadata)) throw invalid(where, 'its chart is missing');
  const { name, version } = chart.metadata;
  if (typeof name !== 'string' || name === '' || typeof version !== 'string' || version === '')
    throw invalid(where, 'its chart has no name or version');
  const schema = typeof chart.schema === 'string' ? Buffer.from(chart.schema, 'base64') : undefined;
  return {
    metadata: chart.metadata,
    lock: isObject(chart.lock) ? chart.lock : null,
    templates: list(chart.templates).map((file) => readFile(file, where)),
    values: isObject(chart.values) ? chart.values : {},
    ...(schema === undefined || schema.length === 0 ? {} : { schema }),
    files: list(chart.files).map((file) => readFile(file, where)),
  };
}

function readFile(file: Json, where: string): HelmFile {
  const name = isObject(file) ? file.name : undefined;
  if (!isObject(file) || typeof name !== 'string' || !isFilePath(name))
    throw invalid(where, `a file of its chart has the name ${shown(name)}`);
  return { name, data: Buffer.from(textOf(file.data), 'base64') };
}

/** True for a path that stays below the folder it is laid in, on every platform. */
function isFilePath(path: string): boolean {
  const steps = path.split('/');
  return (
    path.length <= 1024 &&
    !/[\\\u0000-\u001f\u007f]/.test(path) &&
    !/^[a-z]:/i.test(path) &&
    steps.every((step) => step !== '' && step !== '.' && step !== '..')
  );
}

function readHook(hook: Json, where: string): HelmHook {
  if (!isObject(hook)) throw invalid(where, 'a hook of it is not an object');
  return {
    name: textOf(hook.name),
    kind: textOf(hook.kind),
    path: textOf(hook.path),
    manifest: textOf(hook.manifest),
    events: list(hook.events).map(textOf),
    weight: typeof hook.weight === 'number' ? hook.weight : 0,
    deletePolicies: list(hook.delete_policies).map(textOf),
    logPolicies: list(hook.output_log_policies).map(textOf),
  };
}

function hookData(hook: HelmHook): JsonObject {
  return {
    name: hook.name,
    kind: hook.kind,
    path: hook.path,
    manifest: hook.manifest,
    events: [...hook.events],
    last_run: { phase: '' },
    ...(hook.weight === 0 ? {} : { weight: hook.weight }),
    ...(hook.deletePolicies.length === 0 ? {} : { delete_policies: [...hook.deletePolicies] }),
    ...(hook.logPolicies.length === 0 ? {} : { output_log_policies: [...hook.logPolicies] }),
  };
}

function fileData({ name, data }: HelmFile): JsonObject {
  return { name, data: base64(data) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Go writes an absent list as null. */
function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}

function invalid(where: string, what: string, cause?: unknown): AppstoreError {
  return new AppstoreError('HELM_RELEASE_INVALID', `${where}: ${what}`, { cause });
}
