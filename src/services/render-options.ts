import type { ClusterFacts, UserOptions } from '../domain/app.ts';
import type { JsonObject } from '../domain/json.ts';
import { createMasker } from '../domain/masking.ts';
import { parseApiVersion } from '../domain/objects.ts';
import type { RevisionHead } from '../domain/release.ts';
import { secretPathsOf, secretTextsOf } from '../domain/secret-values.ts';
import { withSecrets } from '../domain/values.ts';
import type { ResolvedApp } from './browse.ts';
import { completeGenerated } from './generated.ts';
import { givenSecrets } from './inspect.ts';
import { readSecretRefs } from './options.ts';
import type { Lookup } from './ports.ts';
import type { Prepared } from './prepared.ts';
import { renderPackage } from './render.ts';
import type { ChangeDeps, InstallationName } from './requests.ts';

export interface RenderInput {
  readonly app: Pick<ResolvedApp, 'package' | 'description' | 'renderer'>;
  readonly options: UserOptions;
  readonly facts: ClusterFacts;
  /** Generated secrets as they are stored. */
  readonly known: Readonly<Record<string, string>>;
  readonly revision: number;
  /** `RenderRequest.installation.isUpgrade`. */
  readonly isUpgrade: boolean;
  /** The newest revision: its secrets may still stand in live objects. */
  readonly stored: RevisionHead | undefined;
  /**
   * The package is from the record, which whoever may edit the namespace may have edited: `lookup` sees nothing beyond the namespace, or
   * what they may not read would be read for them.
   */
  readonly fromRecord?: boolean;
}

/** What options render to, with the secrets that were used and found. */
export type RenderedOptions = Pick<
  Prepared,
  'rendered' | 'generated' | 'newGenerated' | 'secretPaths' | 'readSecrets' | 'mask'
>;

/**
 * Renders a package with a user's options, secrets of the cluster and generated secrets. Writes nothing. Throws
 * SECRET_REFERENCE_INVALID, VALUES_INVALID, VALUES_MISSING, PATCH_INVALID, and what the renderer throws.
 */
export async function renderOptions(
  deps: ChangeDeps,
  { namespace, name }: InstallationName,
  { app, options, facts, known, revision, isUpgrade, stored, fromRecord }: RenderInput,
  signal: AbortSignal,
): Promise<RenderedOptions> {
  const { schema } = app.description;
  const secrets = await readSecretRefs(deps.cluster, namespace, options.secretRefs, signal);
  const given = withSecrets(schema, options.values, { given: secrets, generated: {} });
  const generated = completeGenerated(schema, given, known, deps.random);
  const rendered = await renderPackage({
    renderer: app.renderer,
    package: app.package,
    description: app.description,
    options,
    secrets,
    generated: generated.all,
    installation: { name, namespace, revision, isUpgrade },
    facts,
    lookup: clusterLookup(deps, fromRecord === true ? namespace : undefined, signal),
    ...(app.description.seesApis === true ? { apiVersions: await deps.cluster.apiVersions(signal) } : {}),
    signal,
  });
  return {
    rendered,
    generated: generated.all,
    newGenerated: generated.added,
    secretPaths: secretPathsOf(
      app.description,
      withSecrets(schema, options.values, { given: secrets, generated: generated.all }),
    ),
    readSecrets: Object.values(secrets),
    mask: createMasker([
      ...Object.values(secrets),
      ...Object.values(generated.all),
      ...secretTextsOf(app.description, given),
      ...(rendered.secrets ?? []),
      ...(stored === undefined ? [] : givenSecrets(stored)),
    ]),
  };
}

/** @param only The one namespace that is seen; undefined: everything. */
function clusterLookup({ cluster }: ChangeDeps, only: string | undefined, signal: AbortSignal): Lookup {
  return async ({ apiVersion, kind, namespace, name }): Promise<JsonObject | undefined> => {
    const wanted = { ...parseApiVersion(apiVersion), kind };
    const type = await cluster.resourceType(wanted, signal);
    if (type === undefined) return undefined;
    const within = type.namespaced ? namespace : '';
    if (only !== undefined && within !== only) return undefined;
    if (name !== '')
      return (await cluster.get({ ...wanted, namespace: within, name }, signal)) as JsonObject | undefined;
    const { items, resourceVersion } = await cluster.list(wanted, {
      ...(within === '' ? {} : { namespace: within }),
      signal,
    });
    return {
      apiVersion,
      kind: `${kind}List`,
      metadata: { resourceVersion },
      items: [...items],
    } as JsonObject;
  };
}
