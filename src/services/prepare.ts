import type { Package, UserOptions } from '../domain/app.ts';
import { begun } from '../domain/begun.ts';
import { HELM_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import type { InstallationRecord, RevisionHead } from '../domain/release.ts';
import { askMissing, askRequired } from './ask-values.ts';
import { openApp, type ResolvedApp, readPackage } from './browse.ts';
import { startReads } from './early-reads.ts';
import { checkRequirements, readFacts } from './facts.ts';
import { type LeftBefore, leftBefore } from './left-volumes.ts';
import { openWanted } from './open-wanted.ts';
import { mergeOptions, withoutNulls } from './options.ts';
import type { DescribeFor } from './ports.ts';
import { prepareSaved } from './prepare-saved.ts';
import { prepareStored, readIntended } from './prepare-stored.ts';
import type { Prepared } from './prepared.ts';
import { inputsDigest, mayBeRemembered, remembered } from './remembered.ts';
import { type RenderedOptions, renderOptions } from './render-options.ts';
import { renderUnchanged } from './render-unchanged.ts';
import { autoscalerTypes } from './replicas.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { reuseLeft } from './reuse-left.ts';
import { checkState, checkTarget, newestRevision } from './state.ts';
import { storedChart } from './stored-chart.ts';
import { sameAgain } from './stored-intention.ts';

/**
 * Catalog -> values -> render. Reads only. Throws what the catalog, the values and the renderer throw, and
 * ALREADY_INSTALLED, INSTALLATION_NOT_FOUND, OPERATION_RUNNING where the operation does not fit the state of the record.
 */
export async function prepare(
  deps: ChangeDeps,
  request: ChangeRequest,
  session: Session,
  { anew }: { readonly anew: boolean } = { anew: true },
): Promise<Prepared> {
  const { signal } = session;
  checkTarget(request);
  session.emit({ type: 'step', step: 'resolve', state: 'started' });
  const reading = deps.records.read(request.namespace, request.name, signal);
  const opening = request.app === undefined ? undefined : begun(openApp(deps, request.app, signal));
  // The package is read while the cluster answers, but for an upgrade that may need nothing of what is in it.
  const needed = (opened: Package) =>
    anew || request.operation !== 'upgrade' || !mayBeRemembered(deps, opened);
  const described = begun(
    Promise.resolve(opening).then((opened) =>
      opened !== undefined && needed(opened) ? readPackage(deps, opened, purposeOf(session)) : undefined,
    ),
  );
  // What the record leads to is the longest way: what is asked beside it would only hold it up, but for one small question. Questions to
  // the user come between; see `startReads`.
  const scaling = session.ask === undefined ? autoscalerTypes(deps.cluster, signal) : undefined;
  if (request.operation !== 'install') await reading.catch(() => undefined);
  const early = scaling && startReads(deps, request, reading, signal, scaling);
  // What a rollback applies was rendered with the facts of its time.
  const facing = request.operation === 'rollback' ? undefined : begun(readFacts(deps.cluster, signal));
  const heading = begun(reading.then((record) => readStored(deps, record, session)));
  const intending =
    request.saved === undefined
      ? begun(reading.then((record) => readIntended(deps, request, record, signal)))
      : undefined;
  const [record, known] = await Promise.all([
    reading,
    deps.records.readGenerated(request.namespace, request.name, signal),
  ]);
  checkState(request, record);
  const stored = await heading;
  if (request.saved !== undefined)
    return prepareSaved(deps, request, { saved: request.saved, record, stored, known }, session);
  const intended = await intending;
  const factsNow = () => facing ?? readFacts(deps.cluster, signal);
  if (intended !== undefined && stored !== undefined)
    return {
      ...(await prepareStored(deps, request, { ...intended, stored, facts: factsNow, known }, session)),
      ...(early === undefined ? {} : { reads: early }),
    };
  const facts = await factsNow();
  const given = mergeOptions(request.resetValues ? undefined : stored?.options, request.given);
  const opened = await openWanted(deps, request, { stored, opening }, signal);
  if (!anew && opened !== undefined && stored !== undefined) {
    const asked = { record, stored, facts, known, opened, options: given };
    const same = await remembered(deps, request, asked, signal);
    if (same !== undefined) return { ...same, ...(early === undefined ? {} : { reads: early }) };
  }
  const begunWith = await opening?.catch(() => undefined);
  const app =
    (begunWith === opened ? await described : undefined) ??
    (await describeOpened(deps, { record, stored, opened }, session));
  checkSameApp(request, stored, app);
  await checkRequirements(deps.cluster, app.description.requires, facts, signal);
  session.emit({ type: 'step', step: 'resolve', state: 'done' });

  session.emit({ type: 'step', step: 'render', state: 'started' });
  const complete = await askMissing(withoutNulls(given, app.description), app, session);
  const reads = early ?? startReads(deps, request, reading, signal);
  const { options, again, nextRevision, fresh } = await asking(complete, app, session, async (options) => {
    const again = sameAgain(request, record, stored, { package: app.resolved, options });
    const nextRevision = again?.number ?? newestRevision(record) + 1;
    const isUpgrade = request.operation !== 'install';
    const input = { app, options, facts, known, revision: nextRevision, isUpgrade, stored };
    const fresh =
      (await renderUnchanged(deps, request, { ...input, record }, signal)) ??
      (await renderOptions(deps, request, input, signal));
    return { again, nextRevision, fresh };
  });
  const { made, left } =
    record === undefined
      ? await withLeft(
          deps,
          request,
          fresh,
          { app: app.resolved, hasGenerated: Object.keys(known).length > 0 },
          signal,
        )
      : { made: fresh, left: undefined };
  session.emit({ type: 'step', step: 'render', state: 'done' });
  const digestKey = stored?.digestKey ?? Buffer.from(deps.random.bytes(24)).toString('base64url');
  const inputs = inputsDigest({ ...app, options, facts, generated: made.generated }, request, digestKey);
  return {
    operation: request.operation,
    ...(inputs === undefined ? {} : { inputs }),
    ...(again === undefined ? {} : { resumed: true, carried: { journal: again.journal } }),
    record,
    stored,
    nextRevision,
    package: app.package,
    options,
    facts,
    ...made,
    digestKey,
    ...(left === undefined ? {} : { usedAgain: left.used }),
    warnings: [
      ...foundGenerated(record, known),
      ...(left?.warnings ?? []),
      ...keepsGiven(request, stored),
      ...(again === undefined ? givesUp(record) : []),
    ],
    reads,
  };
}

/** Renders, and again with the answers as long as the templates of a chart require something more that can be asked for. */
async function asking<T>(
  options: UserOptions,
  app: ResolvedApp,
  session: Session,
  render: (options: UserOptions) => Promise<T>,
): Promise<T & { readonly options: UserOptions }> {
  try {
    return { ...(await render(options)), options };
  } catch (error) {
    const more = await askRequired(error, options, app, session);
    if (more === undefined) throw error;
    return asking(more, app, session, render);
  }
}

/** What an earlier installation of this name left is used again, and masked as well. */
async function withLeft(
  deps: ChangeDeps,
  request: ChangeRequest,
  fresh: RenderedOptions,
  wanted: Omit<Parameters<typeof leftBefore>[2], 'rendered'>,
  signal: AbortSignal,
): Promise<{ readonly made: RenderedOptions; readonly left: LeftBefore }> {
  const [left, rendered] = await Promise.all([
    leftBefore(deps.cluster, request, { ...wanted, rendered: fresh.rendered }, signal),
    reuseLeft(deps.cluster, request, fresh.rendered, signal),
  ]);
  if (rendered === fresh.rendered) return { made: fresh, left };
  return { made: { ...fresh, rendered, mask: fresh.mask.and(rendered.secrets ?? []) }, left };
}

/** The newest revision, whatever came of it: its options are what the user last asked for. */
async function readStored(
  deps: ChangeDeps,
  record: InstallationRecord | undefined,
  session: Session,
): Promise<RevisionHead | undefined> {
  return record === undefined || record.revisions.length === 0
    ? undefined
    : deps.records.revisionHead(record, newestRevision(record), session.signal);
}

/** The app in the package that was opened; without one, the chart that is installed as it is stored. */
async function describeOpened(
  deps: ChangeDeps,
  { record, stored, opened }: Pick<Prepared, 'record' | 'stored'> & { readonly opened: Package | undefined },
  session: Session,
): Promise<ResolvedApp> {
  if (opened !== undefined) return readPackage(deps, opened, purposeOf(session));
  return storedChart(deps, record as InstallationRecord, (stored as RevisionHead).number, session.signal);
}

/** Where nobody can be asked, it need not be known what is required: rendering tells. */
function purposeOf({ ask }: Session): DescribeFor {
  return ask === undefined ? 'rendering' : 'questions';
}

/** An app's identity is catalog and name: a change never moves to another app, nor to another catalog's app of that name. */
function checkSameApp(request: ChangeRequest, stored: RevisionHead | undefined, app: ResolvedApp): void {
  if (stored === undefined) return;
  const { catalog, name } = stored.package;
  // Helm does not say where a chart came from: of what was taken over from it the name alone is known.
  if ((catalog === app.resolved.catalog || catalog === HELM_CATALOG) && name === app.resolved.name) return;
  throw new AppstoreError(
    'ALREADY_INSTALLED',
    `${request.name} in namespace ${request.namespace} is ${catalog}/${name}, not ${app.resolved.catalog}/${app.resolved.name}`,
    {
      hint: 'Choose another name for the new app; moving an installation between apps is never done silently.',
    },
  );
}

/** Secrets of an installation that was removed and kept its volumes: the data they open is still there. */
function foundGenerated(
  record: InstallationRecord | undefined,
  known: Readonly<Record<string, string>>,
): Problem[] {
  const count = Object.keys(known).length;
  if (record !== undefined || count === 0) return [];
  return [
    {
      message: `${count} generated credentials of an earlier installation of this name were found and are used again`,
    },
  ];
}

/** An install that failed is gone on with, and what was given to it may be why it failed. */
function keepsGiven(
  { operation, given, resetValues }: ChangeRequest,
  stored: RevisionHead | undefined,
): Problem[] {
  if (operation !== 'install' || resetValues || stored === undefined) return [];
  const { values, patches } = stored.options;
  const kept = [
    ...Object.keys(values).filter((key) => !Object.hasOwn(given.values, key)),
    ...(given.patches === undefined && patches.length > 0 ? ['its patches'] : []),
  ];
  if (kept.length === 0) return [];
  return [
    {
      message: `what was given to the install before stays: ${kept.join(', ')}`,
      hint: '`--reset-values` forgets all of it, `--reset-patches` the patches.',
    },
  ];
}

/** Another intention takes the place of the operation that was cut: a person should know. */
function givesUp(record: InstallationRecord | undefined): Problem[] {
  const pending = record?.pending;
  if (pending === undefined || pending.revision === 0) return [];
  return [
    {
      message: `the ${pending.operation} to revision ${pending.revision} was not finished; this takes its place`,
    },
  ];
}
