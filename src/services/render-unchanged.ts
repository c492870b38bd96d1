import { AppstoreError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { InstallationRecord, RevisionHead } from '../domain/release.ts';
import type { Rendered } from '../domain/rendered.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { differingPaths, isWithin } from '../domain/varying.ts';
import { type RenderedOptions, type RenderInput, renderOptions } from './render-options.ts';
import type { ChangeDeps, InstallationName } from './requests.ts';
import { isFrom } from './same-revision.ts';

interface UnchangedInput extends RenderInput {
  readonly record: InstallationRecord | undefined;
}

/** Renderings that are compared at most: lists that come in any order are not the same at once. */
const renderings = 4;

/**
 * What the newest revision rendered to, where nothing but chance would make it another one today: it was made from just this
 * package and these options, and wherever a rendering of today differs from it, renderings of today differ from one another.
 * Undefined where something changed, or where the package renders to the same every time (docs/decisions/0038).
 */
export async function renderUnchanged(
  deps: ChangeDeps,
  name: InstallationName,
  input: UnchangedInput,
  signal: AbortSignal,
): Promise<RenderedOptions | undefined> {
  const { app, options, stored, record } = input;
  const wanted = { package: app.package.resolved, options };
  if (app.renderer.pure !== undefined || record === undefined) return undefined;
  if (stored === undefined || !isFrom(stored, wanted)) return undefined;
  const render = () => renderOptions(deps, name, { ...input, ...originOf(record, stored.number) }, signal);
  const [content, first] = await Promise.all([
    readContent(deps, record, stored, name.namespace, signal),
    render(),
  ]);
  if (content === undefined) return undefined;
  const kept = { ...first, rendered: content };
  const changed = differingPaths(comparable(content), comparable(first.rendered));
  let varying: ReadonlySet<string> = new Set();
  for (let count = 1; !isWithin(changed, varying); count++) {
    if (count === renderings) return undefined;
    const again = await render();
    const more = differingPaths(comparable(first.rendered), comparable(again.rendered));
    varying = new Set([...varying, ...more]);
  }
  return kept;
}

/** What a revision was rendered as: a rollback takes over what the revision was that it went back to. */
function originOf(
  record: Pick<InstallationRecord, 'revisions'>,
  number: number,
): Pick<RenderInput, 'revision' | 'isUpgrade'> {
  const summary = record.revisions.find((one) => one.number === number);
  if (summary?.operation === 'rollback' && summary.target !== undefined && summary.target < number)
    return originOf(record, summary.target);
  return { revision: number, isUpgrade: summary?.operation !== 'install' };
}

/** Whoever may edit the namespace may have edited it: what is damaged counts as not being there. */
async function readContent(
  deps: ChangeDeps,
  record: InstallationRecord,
  head: RevisionHead,
  namespace: string,
  signal: AbortSignal,
): Promise<Rendered | undefined> {
  try {
    const rendered = await deps.records.rendering(record, head, signal);
    return { ...rendered, objects: checkObjects(rendered.objects, namespace, '') };
  } catch (error) {
    if (error instanceof AppstoreError && damaged.has(error.code)) return undefined;
    throw error;
  }
}

const damaged: ReadonlySet<string> = new Set(['RECORD_INVALID', 'REVISION_NOT_FOUND', 'OBJECT_INVALID']);

/** Notes are for people: they may tell the time. Which Secrets open the volumes is told by what the objects say. */
function comparable({ objects }: Rendered): Json {
  return objects.map(({ object, phase }) => [
    object,
    phase.kind === 'normal' ? phase.kind : phase,
  ]) as unknown as Json;
}
