import type { Problem } from '../domain/errors.ts';
import { refOf } from '../domain/objects.ts';
import type { InstallationRecord, RevisionContent, RevisionHead } from '../domain/release.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { cleanLine } from '../domain/text.ts';
import { hasVolumes, keepVolumes } from './keep-volumes.ts';
import { locate } from './locate.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { servedRendering } from './served-rendering.ts';
import type { StoredInput } from './stored-input.ts';
import { storedIntention } from './stored-intention.ts';

/** The content of the revision whose stored content a request asks for; undefined where it asks for none. Throws as `storedIntention` and the record. */
export async function readIntended(
  { records }: Pick<ChangeDeps, 'records'>,
  request: ChangeRequest,
  record: InstallationRecord | undefined,
  signal: AbortSignal,
): Promise<Pick<StoredInput, 'record' | 'intention' | 'content' | 'package'> | undefined> {
  const intention = storedIntention(request, record);
  if (intention === undefined || record === undefined) return undefined;
  return { record, intention, ...(await records.stored(record, intention.from, signal)) };
}

/**
 * The way from a stored revision to objects, for a rollback and for an operation that was cut: its package, options, facts and
 * manifests, which are rendered again only where the cluster serves one of their API versions no more. Reads only. Throws
 * RECORD_INVALID, OBJECT_INVALID, API_VERSION_GONE, KIND_UNKNOWN and what rendering throws.
 */
export async function prepareStored(
  deps: ChangeDeps,
  request: ChangeRequest,
  input: StoredInput,
  session: Session,
): Promise<Prepared> {
  const { signal } = session;
  const { record, stored, intention, content, package: files } = input;
  session.emit({ type: 'step', step: 'resolve', state: 'done' });
  session.emit({ type: 'step', step: 'render', state: 'started' });
  const checked = checkedContent(content, request);
  const made = await servedRendering(deps, request, { ...input, content: checked }, session);
  const located = await locate(deps.cluster, made.rendered.objects, request.namespace, signal);
  const volumes =
    intention.operation === 'rollback'
      ? await keepVolumes(deps.cluster, located, signal)
      : { objects: made.rendered.objects, kept: [] };
  session.emit({ type: 'step', step: 'render', state: 'done' });
  return {
    operation: intention.operation,
    carried: {
      journal: intention.journal,
      ...(intention.target === undefined ? {} : { target: intention.target }),
    },
    resumed: intention.resumed,
    fromRecord: true,
    kept: volumes.kept,
    record,
    stored,
    nextRevision: intention.number,
    package: files,
    // What belongs to another manager does so whatever revision is gone back to.
    options: { ...content.options, yielded: stored.options.yielded },
    ...made,
    rendered: { ...made.rendered, objects: volumes.objects },
    digestKey: stored.digestKey,
    warnings: [
      ...goesOn(input),
      ...(intention.operation === 'rollback' ? rollbackWarnings(input, content) : []),
    ],
  };
}

/** Whoever may edit the namespace may have edited the content: it is checked as what a package renders to is. */
function checkedContent(content: RevisionContent, { namespace }: ChangeRequest): RevisionContent {
  const { rendered } = content;
  return { ...content, rendered: { ...rendered, objects: checkObjects(rendered.objects, namespace, '') } };
}

/** Whoever runs the command may not be the one who began. */
function goesOn({ record: { pending }, intention }: StoredInput): Problem[] {
  if (!intention.resumed || pending === undefined) return [];
  const what = `${pending.operation} to revision ${pending.revision}`;
  return [{ message: cleanLine(`this goes on with the ${what} that ${pending.holder} began`) }];
}

/** What going back means for data and for what is known to have failed. */
function rollbackWarnings({ record, stored, intention }: StoredInput, content: RevisionContent): Problem[] {
  const target = record.revisions.find((one) => one.number === intention.from);
  const failed =
    target?.result === 'failed'
      ? [{ message: `revision ${target.number} failed when it was made (${target.cause ?? 'ERROR'})` }]
      : [];
  return [...failed, ...dataRisk(record, stored, content)];
}

/** Volumes stay as they are, and an older program may not read what a newer one wrote (NEEDS row 30). */
function dataRisk(record: InstallationRecord, stored: RevisionHead, content: RevisionContent): Problem[] {
  const [from, to] = [stored.package, content.package];
  const sameVersion = from.version === to.version && from.appVersion === to.appVersion;
  const data =
    record.inventory.some((entry) => hasVolumes(entry)) ||
    content.rendered.objects.some(({ object }) => hasVolumes(refOf(object), object));
  if (sameVersion || !data) return [];
  return [
    {
      message: `volumes keep the data that ${from.name} ${from.version} wrote: ${to.version} may not be able to read it`,
      hint: 'Data is never rolled back. Restore a backup where the older version cannot read the newer data.',
    },
  ];
}
