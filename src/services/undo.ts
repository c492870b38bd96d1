import { AppstoreError } from '../domain/errors.ts';
import { displayId } from '../domain/objects.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { change } from './change.ts';
import { remove } from './remove.ts';
import type { ChangeDeps, ChangeRequest, ChangeResult, RemoveResult, Session } from './requests.ts';

/**
 * A change that goes back where it fails and `undoOnFailure` is asked for. Why it failed is in the record by then, and it is
 * this failure that is thrown; its hint tells what came of going back. What was refused before anything was written needs no
 * way back, and an operation that was interrupted stays pending, to be gone on with.
 */
export async function changeOrUndo(
  deps: ChangeDeps,
  request: ChangeRequest,
  session: Session,
): Promise<ChangeResult> {
  let begun = false;
  try {
    return await change(deps, request, {
      ...session,
      emit: (event) => {
        begun ||= event.type === 'operation';
        session.emit(event);
      },
    });
  } catch (error) {
    if (request.undoOnFailure !== true || !begun || session.signal.aborted) throw error;
    throw withHint(error, await undo(deps, request, session));
  }
}

/** Goes back and says in a sentence what came of it. Never throws: the first failure is the one to tell. */
async function undo(deps: ChangeDeps, request: ChangeRequest, session: Session): Promise<string> {
  const { namespace, name } = request;
  const again = (command: string) => `\`appstore ${command} -n ${namespace}\``;
  let deployed: number | undefined;
  try {
    const record = await deps.records.read(namespace, name, session.signal);
    deployed = deployedRevision(record);
    if (record === undefined || record.state !== 'failed')
      return `It was not undone: the record does not say that it failed. ${again(`status ${name}`)} shows how it is.`;
    const { ask: _nobody, ...alone } = session;
    if (deployed === undefined) return await takeBack(deps, request, alone);
    session.emit({ type: 'warning', problem: { message: `it failed: going back to revision ${deployed}` } });
    const back = await change(deps, rollbackOf(request), alone);
    return `It was undone: revision ${back.record?.revision} is revision ${deployed} again.`;
  } catch (error) {
    const why = error instanceof AppstoreError ? `${error.message} [${error.code}]` : String(error);
    const next = deployed === undefined ? again(`remove ${name}`) : again(`upgrade ${name} --undo`);
    return `It could not be undone: ${why}. ${next} tries it again.`;
  }
}

function deployedRevision(record: InstallationRecord | undefined): number | undefined {
  return record?.revisions.findLast(({ result }) => result === 'deployed')?.number;
}

/** A first install leaves nothing behind but its record and its volumes. */
async function takeBack(deps: ChangeDeps, request: ChangeRequest, session: Session): Promise<string> {
  const { namespace, name, timeout, holder, hooks, allowClusterScope } = request;
  session.emit({ type: 'warning', problem: { message: 'it failed: taking back what was made' } });
  const { left } = await remove(
    deps,
    {
      ...{ namespace, name, timeout, holder },
      wait: true,
      dryRun: false,
      confirmed: true,
      purgeData: false,
      keepRecord: true,
      ...(hooks === undefined ? {} : { hooks }),
      ...(allowClusterScope === undefined ? {} : { allowClusterScope }),
    },
    session,
  );
  const stays = left.length === 0 ? '' : `, but for ${left.length} that stay: ${named(left)}`;
  return `It was undone: its objects are removed${stays}; \`appstore history ${name} -n ${namespace}\` tells why it failed.`;
}

/** So many are named. */
const mostNamed = 5;

function named(left: RemoveResult['left']): string {
  const names = left.slice(0, mostNamed).map(({ ref, reason }) => `${displayId(ref)} (${reason})`);
  const more = left.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function rollbackOf(request: ChangeRequest): ChangeRequest {
  // What was decided was decided for the change that failed.
  const { app: _app, conflicts: _decided, adopt: _adopted, replace: _replaced, ...rest } = request;
  return {
    ...rest,
    operation: 'rollback',
    undo: true,
    given: { values: {}, secretRefs: [] },
    resetValues: false,
    createNamespace: false,
  };
}

/** The same failure with more advice. */
function withHint(error: unknown, more: string): unknown {
  if (!(error instanceof AppstoreError)) return error;
  return new AppstoreError(error.code, error.message, {
    hint: error.hint === '' ? more : `${error.hint} ${more}`,
    ...(error.place === undefined ? {} : { place: error.place }),
    problems: error.problems,
    cause: error,
  });
}
