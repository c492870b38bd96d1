import { begun } from '../domain/begun.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey } from '../domain/objects.ts';
import type { KnownAccess } from './check-access.ts';
import { type Asked, askBeside } from './check-whole.ts';
import { beginDryRuns, type EarlyDryRuns } from './early-dry-runs.ts';
import type { Located } from './locate.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';
import { type Survey, survey } from './survey.ts';
import { spareable, uncontested } from './uncontested.ts';

interface Rendering {
  readonly wanted: readonly Located[];
  readonly hooks: readonly Located[];
  readonly recorded: readonly InventoryEntry[];
  /** Identities of what is wanted and of the hooks. */
  readonly staying: ReadonlySet<string>;
  /** True where the namespace exists. */
  readonly ready: boolean;
  /** True for what a dry run can be asked of: its kind is served and its namespace there. */
  canAsk(one: Located): boolean;
  /** As of `EarlyReads`. */
  readonly rights?: Promise<KnownAccess> | undefined;
}

interface Ahead {
  /** Live metadata of what is wanted and was not recorded. */
  readonly unrecorded: Promise<Survey>;
  /** As `uncontested`. */
  readonly spared: Promise<ReadonlySet<string>>;
  readonly dryRuns: EarlyDryRuns;
  /** What else the plan has to know; begins to ask for it where nobody has. */
  ask(creates: boolean): Asked;
  /** The same where it was begun. */
  asked(): Asked | undefined;
}

/**
 * Begins to ask what the plan of a change needs to know of the cluster and what does not depend on what is there, so that none of it waits for
 * another's round trip. An upgrade without a change asks nothing here.
 */
export function lookAhead(
  deps: ChangeDeps,
  request: ChangeRequest,
  { wanted, hooks, recorded, staying, ready, canAsk, rights }: Rendering,
  signal: AbortSignal,
): Ahead {
  const { cluster } = deps;
  const { namespace } = request;
  const first = recorded.length === 0;
  const known = new Set(recorded.map(idKey));
  const unrecorded = wanted.filter((one) => !known.has(idKey(one.ref)) && canAsk(one));
  const surveying = survey(
    cluster,
    unrecorded.map(({ ref }) => ref),
    { byName: !first, signal },
  );
  const candidates = first && ready ? spareable(wanted, namespace) : [];
  const doubtful = new Set(candidates.flatMap(({ objects }) => objects.map(({ ref }) => idKey(ref))));
  const sure = unrecorded.filter(({ ref }) => !doubtful.has(idKey(ref)));
  const unseen = wanted
    .filter((one) => first && (!canAsk(one) || doubtful.has(idKey(one.ref))))
    .map(({ ref }) => ({ ref, action: 'create', checked: 'schema' }) as const);
  const leaving = recorded
    .filter((entry) => !staying.has(idKey(entry)))
    .map((ref) => ({ ref, action: 'delete', checked: 'schema' }) as const);
  let asked: Asked | undefined;
  const ask = (creates: boolean): Asked => {
    const changes = [...unseen, ...leaving];
    asked ??= askBeside(deps, request, { changes, hooks, creates, ready, rights }, signal);
    return asked;
  };
  const writes = request.operation !== 'upgrade' || sure.length + leaving.length > 0;
  if (writes) ask(first || sure.length > 0);
  const rightsOf = () => ask(true).rights;
  return {
    unrecorded: begun(surveying),
    spared: begun(uncontested(cluster, candidates, namespace, { rights: rightsOf, signal })),
    dryRuns: beginDryRuns(cluster, sure, signal),
    ask,
    asked: () => asked,
  };
}
