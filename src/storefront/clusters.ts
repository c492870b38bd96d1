import type { Session } from './api/types.ts';
import type { Route } from './router.ts';

type Known = Pick<Session, 'clusters' | 'defaultCluster'>;

/** The cluster that a page is about; of a page that names none, the one that was chosen. `''` where there is only one to speak of. */
export function shownCluster(route: Route, session: Known, chosen: string): string {
  switch (route.page) {
    case 'deployment':
    case 'upgrade':
    case 'remove':
    case 'rollback':
    case 'plan':
      return route.cluster === '' ? standsForNone(session) : route.cluster;
    case 'operation':
      return clusterOfOperation(route.id) || chosen;
    case 'unknown':
      return chosen;
    default:
      return route.cluster ?? chosen;
  }
}

/** Pages that are the same ones in each cluster. */
type Anywhere = Extract<Route, { readonly page: 'browse' | 'app' | 'install' | 'mine' | 'plans' }>;

/** False for a page about something that lives in one cluster: it has no meaning in another. */
export function isAnywhere(route: Route): route is Anywhere {
  return ['browse', 'app', 'install', 'mine', 'plans'].includes(route.page);
}

/**
 * A route as it is gone to from a page about a cluster: one that would be about whichever was chosen last is about the same cluster. With a
 * single cluster, or one that the server does not know, nothing is named.
 */
export function carrying(route: Route, { clusters }: Known, cluster: string): Route {
  const named = clusters.length > 1 && clusters.includes(cluster) && isAnywhere(route);
  return named ? { cluster, ...route } : route;
}

/** Whether nothing really runs in a cluster; `''` is the one that the server takes by itself. */
export function isSandbox(
  { sandboxes, defaultCluster }: Pick<Session, 'sandboxes' | 'defaultCluster'>,
  cluster: string,
): boolean {
  return sandboxes.includes(cluster === '' ? (defaultCluster ?? '') : cluster);
}

/**
 * What a command of somebody on their own machine needs to reach a cluster that is not the current context of their kubeconfig. What the
 * contexts of other people are called is not known to the server.
 */
export function contextFlag(
  { caller, defaultCluster }: Pick<Session, 'caller' | 'defaultCluster'>,
  cluster: string,
): string {
  if (caller.mode !== 'kubeconfig' || cluster === '' || cluster === defaultCluster) return '';
  return ` --context ${shellWord(cluster)}`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function standsForNone({ clusters, defaultCluster = '' }: Known): string {
  return clusters.length < 2 ? '' : defaultCluster;
}

/** An id of an operation is where its record lies, the cluster first (`src/server/operations/ids.ts`). `''` where it says nothing. */
function clusterOfOperation(id: string): string {
  try {
    const bytes = Uint8Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (one) =>
      one.charCodeAt(0),
    );
    const parts: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(parts) && typeof parts[0] === 'string' ? parts[0] : '';
  } catch {
    return '';
  }
}
