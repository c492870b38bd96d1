import type { ResolvedPackage } from './app.ts';
import { formatPath, type PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { type Masker, maskedText } from './masking.ts';
import type { KubeObject } from './objects.ts';
import type { RenderedObject } from './rendered.ts';
import { writeYaml } from './yaml-write.ts';

export interface ChartSource {
  readonly package: Pick<ResolvedPackage, 'name' | 'version' | 'appVersion'>;
  readonly installation: { readonly name: string; readonly namespace: string };
  readonly objects: readonly RenderedObject[];
  readonly notes: string;
  /** Knows what is secret. */
  readonly mask: Masker;
}

/** A chart, and the values that it cannot do without. */
export interface ChartOfObjects {
  /** Texts by path. None of them holds a secret. */
  readonly files: Readonly<Record<string, string>>;
  /** What is secret, below `secrets`; nothing where there is none. */
  readonly values: JsonObject;
}

/**
 * A Helm chart that makes these very objects: each is a template of its own, definitions lie in `crds/`, hooks have Helm's annotations.
 * What is secret is not in the chart but in the values, which it requires. Volumes are kept by `helm uninstall`, as they are by us.
 */
export function chartOfObjects(source: ChartSource): ChartOfObjects {
  const secrets: JsonObject = {};
  const stand = placeholder(source);
  const files: Record<string, string> = {
    'Chart.yaml': writeYaml(chartMetadata(source)),
    'values.yaml': '# What is secret in the objects, by its place in them.\nsecrets: {}\n',
  };
  for (const one of source.objects) {
    const isDefinition = one.phase.kind === 'crd';
    const path = freePath(files, isDefinition ? 'crds' : 'templates', one.object);
    const object = forHelm(one, source.installation.namespace);
    // Helm takes what lies in crds/ as it stands.
    if (isDefinition) files[path] = writeYaml(object);
    else files[path] = template(object, { mask: source.mask, secrets, stand });
  }
  const notes = source.mask.text(source.notes);
  if (notes !== '') files['templates/NOTES.txt'] = asText(notes);
  return { files, values: Object.keys(secrets).length === 0 ? {} : { secrets } };
}

function chartMetadata({ package: { name, version, appVersion }, installation }: ChartSource): JsonObject {
  return {
    apiVersion: 'v2',
    name,
    version,
    ...(appVersion === '' ? {} : { appVersion }),
    description: `${name} ${version}, as it was installed as ${installation.name} in namespace ${installation.namespace}`,
    type: 'application',
  };
}

/** A word that stands in no object. */
function placeholder({ objects }: ChartSource): string {
  const all = JSON.stringify(objects);
  let word = 'exportedSecret';
  while (all.includes(word)) word += 'X';
  return word;
}

function freePath(files: Readonly<Record<string, string>>, folder: string, object: KubeObject): string {
  const name = `${object.kind}-${object.metadata.name}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  let path = `${folder}/${name}.yaml`;
  for (let number = 2; Object.hasOwn(files, path); number++) path = `${folder}/${name}-${number}.yaml`;
  return path;
}

/** As Helm is told of hooks and of what stays; in whichever namespace the release goes. */
function forHelm({ object, phase }: RenderedObject, namespace: string): KubeObject {
  const { namespace: own, annotations, ...metadata } = object.metadata;
  const told = {
    ...annotations,
    ...(phase.kind === 'hook' ? hookAnnotations(phase) : {}),
    ...(stays(object, phase) ? { 'helm.sh/resource-policy': 'keep' } : {}),
  };
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(own === undefined || own === namespace ? {} : { namespace: own }),
      ...(Object.keys(told).length === 0 ? {} : { annotations: told }),
    },
  };
}

function hookAnnotations(phase: Extract<RenderedObject['phase'], { kind: 'hook' }>): Record<string, string> {
  const { events, weight, deletePolicies, logPolicies = [] } = phase;
  return {
    'helm.sh/hook': events.join(','),
    'helm.sh/hook-weight': String(weight),
    ...(deletePolicies.length === 0 ? {} : { 'helm.sh/hook-delete-policy': deletePolicies.join(',') }),
    ...(logPolicies.length === 0 ? {} : { 'helm.sh/hook-output-log-policy': logPolicies.join(',') }),
  };
}

function stays({ kind }: KubeObject, phase: RenderedObject['phase']): boolean {
  return kind === 'PersistentVolumeClaim' || (phase.kind === 'normal' && phase.opensVolumes === true);
}

interface Secrets {
  readonly mask: Masker;
  /** Gets what is found. */
  readonly secrets: JsonObject;
  /** What stands in the place of each until the YAML is written. */
  readonly stand: string;
}

function template(object: KubeObject, { mask, secrets, stand }: Secrets): string {
  const keys: string[] = [];
  const name = `${object.kind}/${object.metadata.name}`;
  const take = (value: Json, path: readonly PathStep[]): string => {
    const key = `${name} ${formatPath(path)}`;
    secrets[key] = value;
    keys.push(key);
    return `${stand}${keys.length - 1}`;
  };
  const masked = mask.object(object) as unknown as JsonObject;
  const open = withoutSecrets(object as unknown as JsonObject, masked, [], take);
  return asText(writeYaml(open)).replace(new RegExp(`${stand}(\\d+)`, 'g'), (_all, number: string) => {
    const key = keys[Number(number)] ?? '';
    const missing = `the values lack what is secret in ${key}`;
    return `{{ required ${JSON.stringify(missing)} (index .Values.secrets ${JSON.stringify(key)}) | toJson }}`;
  });
}

/** Goes down both at once: where a value was masked, it is taken as a whole. */
function withoutSecrets(
  value: Json,
  masked: Json | undefined,
  path: readonly PathStep[],
  take: (value: Json, path: readonly PathStep[]) => string,
): Json {
  if (Array.isArray(value) && Array.isArray(masked))
    return value.map((item, index) => withoutSecrets(item, masked[index], [...path, index], take));
  if (isObject(value) && isObject(masked)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    // A key that holds a secret: the map goes as a whole.
    if (entries.some(([key]) => !Object.hasOwn(masked, key))) return take(value, path);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, withoutSecrets(item ?? null, masked[key], [...path, key], take)]),
    );
  }
  return value === masked || (value === '' && masked === maskedText) ? value : take(value, path);
}

/** Text in which Go's templates find nothing to do. */
function asText(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
