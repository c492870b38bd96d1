import { parseGoYaml } from './go-yaml.ts';
import type { HelmHook, HelmRelease } from './helm-release.ts';
import { isObject, type Json } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Phase, RenderedObject } from './rendered.ts';
import { stringDataToData } from './string-data.ts';
import { writeYaml } from './yaml-write.ts';

/**
 * The objects of a revision in the order of its manifest, hooks last, each with the template that it came from. Lists are taken
 * apart, as Helm does it.
 *
 * @throws AppstoreError YAML_INVALID.
 */
export function renderedOfRelease(release: HelmRelease, where: string): RenderedObject[] {
  const normal = documentsOf(release.manifest).flatMap(({ text, source }) =>
    objectsIn(text, `${where}: ${source}`).map((object) => rendered(object, source, { kind: 'normal' })),
  );
  const hooks = release.hooks.flatMap((hook) =>
    objectsIn(hook.manifest, `${where}: ${hook.path}`).map((object) =>
      rendered(object, hook.path, phaseOf(hook)),
    ),
  );
  return [...normal, ...hooks];
}

/** The manifest of a revision as Helm writes it, and its hooks: the reverse. CRDs of `crds/` are in neither. */
export function manifestOfRendered(objects: readonly RenderedObject[]): {
  readonly manifest: string;
  readonly hooks: readonly HelmHook[];
} {
  const normal = objects.filter(({ phase }) => phase.kind === 'normal');
  const text = ({ object, source }: RenderedObject) => `---\n# Source: ${source.file}\n${writeYaml(object)}`;
  return {
    manifest: normal.map(text).join(''),
    hooks: objects.flatMap((one) => (one.phase.kind === 'hook' ? [hookOf(one, one.phase)] : [])),
  };
}

function hookOf(
  { object, source }: RenderedObject,
  { events, weight, deletePolicies, logPolicies = [] }: Extract<Phase, { kind: 'hook' }>,
): HelmHook {
  const { kind, metadata } = object;
  return {
    name: metadata.name,
    kind,
    path: source.file,
    manifest: writeYaml(object),
    events,
    weight,
    deletePolicies,
    logPolicies,
  };
}

function rendered(object: KubeObject, file: string, phase: Phase): RenderedObject {
  return { object: stringDataToData(object), source: { file }, phase };
}

function phaseOf({ events, weight, deletePolicies, logPolicies }: HelmHook): Phase {
  return {
    kind: 'hook',
    events,
    weight,
    deletePolicies,
    ...(logPolicies.length === 0 ? {} : { logPolicies }),
  };
}

/** `---`, then `# Source: <template>`: how Helm puts a manifest together (helm pkg/action/action.go, renderResources). */
function documentsOf(manifest: string): { readonly text: string; readonly source: string }[] {
  return manifest
    .split(/^---[ \t]*$/m)
    .filter((text) => text.trim() !== '')
    .map((text) => ({ text, source: /^# Source: (.{1,1024})$/m.exec(text)?.[1]?.trim() ?? 'manifest' }));
}

function objectsIn(text: string, where: string): KubeObject[] {
  return parseGoYaml(text, where).flatMap((document) => itemsOf(document));
}

function itemsOf(document: Json): KubeObject[] {
  if (!isObject(document)) return [];
  const isList = typeof document.kind === 'string' && document.kind.endsWith('List');
  if (isList && Array.isArray(document.items)) return document.items.flatMap(itemsOf);
  return [document as unknown as KubeObject];
}
