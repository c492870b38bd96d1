import { begun } from '../domain/begun.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import { type Asked, askBeside } from './check-whole.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';
import { requestsAtOnce } from './survey.ts';
import { spareable, uncontested } from './uncontested.ts';

/**
 * Dry runs that were begun before it was known what is there already, by the object that was sent: true where the server would
 * make a new object of it. Anything else says nothing, for it may be about what was there at that moment.
 */
export type EarlyDryRuns = ReadonlyMap<KubeObject, Promise<boolean>>;

interface FirstInstall {
  readonly wanted: readonly Located[];
  readonly hooks: readonly Located[];
  /** True where the namespace exists. */
  readonly ready: boolean;
  namespaceExists(namespace: string): boolean;
}

interface Ahead {
  readonly asked: Asked;
  /** As `uncontested`. */
  readonly spared: Promise<ReadonlySet<string>>;
  readonly dryRuns: EarlyDryRuns;
}

/** Room on the connection for what is asked beside the dry runs. */
const asideAtOnce = 16;

/**
 * Begins to ask what the plan of a first install will need to know, while it is looked up what is there already: hardly ever
 * anything is. What is waited for then costs no round trip of its own.
 */
export function askAtFirst(
  deps: ChangeDeps,
  request: ChangeRequest,
  { wanted, hooks, ready, namespaceExists }: FirstInstall,
  signal: AbortSignal,
): Ahead {
  const { cluster } = deps;
  const { namespace } = request;
  const candidates = ready ? spareable(wanted, namespace) : [];
  const doubtful = new Set(candidates.flatMap(({ objects }) => objects.map(({ ref }) => idKey(ref))));
  const [unseen, sure] = parted(
    wanted,
    ({ ref, served }) => !served || !namespaceExists(ref.namespace) || doubtful.has(idKey(ref)),
  );
  const changes = unseen.map(({ ref }) => ({ ref, action: 'create', checked: 'schema' }) as const);
  const asked = askBeside(deps, request, { changes, hooks, creates: true, ready }, signal);
  return {
    asked,
    spared: begun(uncontested(cluster, candidates, namespace, { rights: asked.rights, signal })),
    dryRuns: ready ? beginDryRuns(cluster, sure, signal) : new Map(),
  };
}

function parted<T>(items: readonly T[], fits: (item: T) => boolean): [T[], T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}

/** Only as many as go out at once, so that they hold up nothing. A definition is large, and often there: it is looked for first. */
function beginDryRuns(cluster: Cluster, sure: readonly Located[], signal: AbortSignal): EarlyDryRuns {
  const early = sure
    .filter(({ ref }) => ref.kind !== 'CustomResourceDefinition')
    .slice(0, requestsAtOnce - asideAtOnce);
  return new Map(early.map(({ object }) => [object, wouldCreate(cluster, object, signal)]));
}

async function wouldCreate(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await cluster.applyMetadata(object, { fieldManager, dryRun: true, signal });
    return answer.metadata.resourceVersion === undefined;
  } catch {
    // Asked again once it is known what is there: the refusal is told from that.
    return false;
  }
}
