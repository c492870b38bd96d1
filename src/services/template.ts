import type { ClusterFacts, JsonSchema } from '../domain/app.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { type ImageUse, listImages } from '../domain/images.ts';
import type { Rendered } from '../domain/rendered.ts';
import { kubernetesInRange } from '../domain/requirements.ts';
import { missingGenerated, withSecrets } from '../domain/values.ts';
import { type ResolvedApp, resolveApp } from './browse.ts';
import { mergeOptions, withoutNulls } from './options.ts';
import { renderPackage } from './render.ts';
import type { BrowseDeps, TemplateRequest } from './requests.ts';
import { checkTarget } from './state.ts';

/** What is assumed of a cluster where none is asked: a current one that has everything. */
const assumedKubernetes = { major: 1, minor: 36 };
const assumedCapabilities = ['ingress', 'loadBalancer', 'metrics', 'storage'];

/** Stands in for a secret that only an install makes, or that is read from the cluster. Not a secret, and looks like none. */
const generatedPlaceholder = 'generated-at-install';

/**
 * What an app renders to, without a cluster: current Kubernetes with every capability is assumed, and secrets that an install would
 * make or read are placeholders, which the problems tell.
 *
 * @throws AppstoreError as `resolveApp` and `renderPackage` do; NAME_INVALID; USAGE for a Kubernetes version that is none;
 *   REQUIREMENT_UNMET for one that the app does not run on.
 */
export async function template(
  deps: BrowseDeps,
  request: TemplateRequest,
  signal?: AbortSignal,
): Promise<Rendered> {
  checkTarget(request);
  const facts = assumedFacts(request.kubernetes);
  const app = await resolveApp(deps, request.app, signal, 'rendering');
  requireKubernetes(app, facts);
  const options = withoutNulls(mergeOptions(undefined, request.given), app.description);
  const secrets = Object.fromEntries(
    options.secretRefs.map((ref) => [ref.path, `secret/${ref.secret}:${ref.key}`]),
  );
  const generated = placeholdersFor(
    app,
    withSecrets(app.description.schema, options.values, { given: secrets, generated: {} }),
  );
  const rendered = await renderPackage({
    renderer: app.renderer,
    package: app.package,
    description: app.description,
    options,
    secrets,
    generated,
    installation: { name: request.name, namespace: request.namespace, revision: 1, isUpgrade: false },
    facts,
    lookup: async () => undefined,
    placeholders: [...Object.keys(secrets), ...Object.keys(generated)],
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...rendered, problems: [...rendered.problems, ...placeholderProblems(secrets, generated)] };
}

/** The images that an app uses with these values, sorted. Throws what `template` throws. */
export async function images(
  deps: BrowseDeps,
  request: TemplateRequest,
  signal?: AbortSignal,
): Promise<ImageUse[]> {
  const rendered = await template(deps, request, signal);
  return listImages(rendered.objects.map(({ object }) => object));
}

function requireKubernetes(
  { description, package: { resolved } }: ResolvedApp,
  { version }: ClusterFacts,
): void {
  const range = description.requires.kubernetes;
  if (range === undefined || kubernetesInRange(version, range)) return;
  const what = `${resolved.name} needs Kubernetes ${range}, and ${version.gitVersion} is assumed`;
  throw new AppstoreError('REQUIREMENT_UNMET', what, { hint: 'Assume another one with `--kube-version`.' });
}

/** Facts of a cluster that is not asked. `kubernetes` is `1.34`, `v1.34` or `1.34.2`. */
function assumedFacts(kubernetes: string | undefined): ClusterFacts {
  const version = kubernetes === undefined ? assumedKubernetes : parseVersion(kubernetes);
  const gitVersion = 'gitVersion' in version ? version.gitVersion : `v${version.major}.${version.minor}.0`;
  return {
    version: { major: version.major, minor: version.minor, gitVersion },
    capabilities: assumedCapabilities,
    storageClass: 'standard',
    ingressClass: 'nginx',
  };
}

function parseVersion(text: string): ClusterFacts['version'] {
  const [, major, minor, patch] = /^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined)
    throw new AppstoreError('USAGE', `\`${text}\` is no Kubernetes version`, { hint: 'Write it as `1.34`.' });
  return { major: Number(major), minor: Number(minor), gitVersion: `v${major}.${minor}.${patch ?? 0}` };
}

function placeholdersFor(
  app: ResolvedApp,
  given: Parameters<typeof missingGenerated>[1],
): Record<string, string> {
  const schema: JsonSchema = app.description.schema;
  return Object.fromEntries(
    missingGenerated(schema, given, {}).map(({ path }) => [path, generatedPlaceholder]),
  );
}

function placeholderProblems(
  secrets: Readonly<Record<string, string>>,
  generated: Readonly<Record<string, string>>,
): Problem[] {
  return [
    ...Object.keys(generated).map((path) => ({
      at: path,
      message: `\`${generatedPlaceholder}\` stands in for a secret that an install makes`,
    })),
    ...Object.keys(secrets).map((path) => ({
      at: path,
      message: 'is read from the cluster only by an install',
    })),
  ];
}
