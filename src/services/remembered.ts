import { createHmac } from 'node:crypto';
import type { Package } from '../domain/app.ts';
import { createMasker } from '../domain/masking.ts';
import type { InstallationRecord, RevisionHead } from '../domain/release.ts';
import type { Rendered } from '../domain/rendered.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { stableJson } from '../domain/stable-json.ts';
import { givenSecrets } from './inspect.ts';
import type { Renderer } from './ports.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';
import { newestRevision } from './state.ts';

/** Everything that a rendering is made from. */
interface Inputs extends Pick<Prepared, 'facts' | 'generated' | 'options'> {
  readonly package: Package;
  readonly renderer: Renderer | undefined;
}

/**
 * A keyed digest of all that a rendering is made from (HMAC-SHA-256, base64url); undefined where equal inputs may render otherwise:
 * a renderer that asks the cluster or chance, or values that are read from Secrets.
 */
export function inputsDigest(
  { renderer, package: { resolved }, options, facts, generated }: Inputs,
  { namespace, name }: Pick<ChangeRequest, 'namespace' | 'name'>,
  digestKey: string,
): string | undefined {
  if (renderer?.pure === undefined || options.secretRefs.length > 0) return undefined;
  const { contentDigest, catalog, name: app, version } = resolved;
  const from = [
    renderer.pure,
    contentDigest,
    catalog,
    app,
    version,
    namespace,
    name,
    options,
    facts,
    generated,
  ];
  return createHmac('sha256', digestKey).update(stableJson(from)).digest('base64url');
}

/** False where equal inputs may render otherwise, whatever the record says. */
export function mayBeRemembered({ renderers }: Pick<ChangeDeps, 'renderers'>, { files }: Package): boolean {
  return renderers.find(({ accepts }) => accepts(files))?.pure !== undefined;
}

/**
 * An upgrade whose objects are those of the deployed revision: it was made from just this, and rendering again would answer the same.
 * They lie in the record, which others may edit, and so serve to say that nothing is to be done, and for nothing else.
 * Undefined where that is not known; a record that is damaged is none of its business.
 */
export async function remembered(
  deps: ChangeDeps,
  request: ChangeRequest,
  { record, stored, facts, known, opened, options }: Asked,
  signal: AbortSignal,
): Promise<Prepared | undefined> {
  if (record === undefined || !isAtRest(record) || stored.inputs === undefined || decides(request))
    return undefined;
  const renderer = deps.renderers.find(({ accepts }) => accepts(opened.files));
  const inputs = { renderer, package: opened, options, facts, generated: known };
  if (inputsDigest(inputs, request, stored.digestKey) !== stored.inputs) return undefined;
  const rendered = await storedRendering(deps, record, stored, signal);
  if (rendered === undefined) return undefined;
  return {
    operation: request.operation,
    ...{ record, stored, options, facts, rendered, package: opened },
    nextRevision: newestRevision(record) + 1,
    generated: known,
    newGenerated: {},
    secretPaths: stored.secretPaths,
    readSecrets: [],
    digestKey: stored.digestKey,
    mask: createMasker([...Object.values(known), ...givenSecrets(stored)]),
    warnings: [],
    remembered: true,
  };
}

function isAtRest({ state, pending, revisions }: InstallationRecord): boolean {
  return state === 'deployed' && pending === undefined && revisions.at(-1)?.result === 'deployed';
}

async function storedRendering(
  { records }: ChangeDeps,
  record: InstallationRecord,
  head: RevisionHead,
  signal: AbortSignal,
): Promise<Rendered | undefined> {
  try {
    const rendered = await records.rendering(record, head, signal);
    return { ...rendered, objects: checkObjects(rendered.objects, record.namespace, '') };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

interface Asked extends Pick<Prepared, 'record' | 'facts' | 'options'> {
  /** The newest revision. */
  readonly stored: RevisionHead;
  /** Generated secrets as they are stored. */
  readonly known: Readonly<Record<string, string>>;
  readonly opened: Package;
}

/** True where the request decides something about objects, which is asked of a fresh rendering. */
function decides({ operation, conflicts, adopt = [], replace }: ChangeRequest): boolean {
  const chosen = (conflicts?.take.length ?? 0) + (conflicts?.yield.length ?? 0) > 0;
  return operation !== 'upgrade' || chosen || adopt.length > 0 || (replace?.objects.length ?? 0) > 0;
}
