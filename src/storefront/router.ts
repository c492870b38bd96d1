/** What of the storefront is shown. Every page has an address, so that it can be kept, sent and opened again. */
export type Route =
  | ({ readonly page: 'browse'; readonly query: string; readonly category: string } & InCluster)
  | ({ readonly page: 'app' } & AppName & InCluster)
  | ({ readonly page: 'install' } & AppName & InCluster)
  | ({ readonly page: 'mine' | 'plans' } & InCluster)
  | ({ readonly page: 'deployment'; readonly tab: DeploymentTab } & DeploymentName)
  | ({ readonly page: 'upgrade' | 'remove' } & DeploymentName)
  | ({ readonly page: 'rollback'; readonly revision: number } & DeploymentName)
  | { readonly page: 'plan'; readonly cluster: string; readonly namespace: string; readonly id: string }
  | { readonly page: 'operation'; readonly id: string }
  | { readonly page: 'unknown'; readonly path: string };

interface AppName {
  readonly catalog: string;
  readonly app: string;
  readonly version?: string;
}

/** The cluster that is looked at; absent for the one that was chosen last. */
interface InCluster {
  readonly cluster?: string;
}

/** Where a deployment is. `cluster` is `''` for the one that the server takes by itself. */
export interface DeploymentName {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

export const deploymentTabs = ['overview', 'settings', 'history', 'activity'] as const;
type DeploymentTab = (typeof deploymentTabs)[number];

/** The route of an address: its path and its query. */
export function routeOf(path: string, query: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const steps = parts.map(decoded);
  const given = new URLSearchParams(query);
  const [first = '', ...rest] = steps;
  if (steps.length === 0)
    return {
      page: 'browse',
      query: given.get('q') ?? '',
      category: given.get('category') ?? '',
      ...inCluster(given),
    };
  if (first === 'apps') return appRoute(rest, given) ?? { page: 'unknown', path };
  if (first === 'mine') return mineRoute(rest, given) ?? { page: 'unknown', path };
  if (first === 'plans') return planRoute(rest, given) ?? { page: 'unknown', path };
  if (first === 'operations' && rest[0] !== undefined && rest.length === 1)
    return { page: 'operation', id: rest[0] };
  return { page: 'unknown', path };
}

function appRoute([catalog, app, step, more]: readonly string[], given: URLSearchParams): Route | undefined {
  if (catalog === undefined || app === undefined || more !== undefined) return undefined;
  const version = given.get('version') ?? '';
  const what = { catalog, app, ...(version === '' ? {} : { version }), ...inCluster(given) };
  if (step === undefined) return { page: 'app', ...what };
  return step === 'install' ? { page: 'install', ...what } : undefined;
}

function mineRoute(
  [namespace, name, step, more]: readonly string[],
  given: URLSearchParams,
): Route | undefined {
  if (namespace === undefined) return { page: 'mine', ...inCluster(given) };
  if (name === undefined || more !== undefined) return undefined;
  const what = { cluster: given.get('cluster') ?? '', namespace, name };
  const tab = deploymentTabs.find((one) => one === (step ?? 'overview'));
  if (tab !== undefined) return { page: 'deployment', tab, ...what };
  if (step === 'upgrade' || step === 'remove') return { page: step, ...what };
  const revision = Number(given.get('revision'));
  if (step === 'rollback' && Number.isInteger(revision) && revision > 0)
    return { page: 'rollback', revision, ...what };
  return undefined;
}

function planRoute([namespace, id, more]: readonly string[], given: URLSearchParams): Route | undefined {
  if (namespace === undefined) return { page: 'plans', ...inCluster(given) };
  if (id === undefined || more !== undefined) return undefined;
  return { page: 'plan', cluster: given.get('cluster') ?? '', namespace, id };
}

function inCluster(given: URLSearchParams): InCluster {
  const cluster = given.get('cluster') ?? '';
  return cluster === '' ? {} : { cluster };
}

/** The address of a route, below the origin. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case 'browse':
      return withQuery('/', { q: route.query, category: route.category, cluster: route.cluster ?? '' });
    case 'app':
      return ofApp(route, []);
    case 'install':
      return ofApp(route, ['install']);
    case 'mine':
    case 'plans':
      return withQuery(`/${route.page}`, { cluster: route.cluster ?? '' });
    case 'deployment':
      return ofDeployment(route, route.tab === 'overview' ? [] : [route.tab]);
    case 'upgrade':
    case 'remove':
      return ofDeployment(route, [route.page]);
    case 'rollback':
      return ofDeployment(route, ['rollback'], { revision: String(route.revision) });
    case 'plan':
      return withQuery(joined('plans', route.namespace, route.id), { cluster: route.cluster });
    case 'operation':
      return joined('operations', route.id);
    case 'unknown':
      return route.path;
  }
}

function ofApp(
  { catalog, app, version = '', cluster = '' }: AppName & InCluster,
  steps: readonly string[],
): string {
  return withQuery(joined('apps', catalog, app, ...steps), { version, cluster });
}

function ofDeployment(
  { cluster, namespace, name }: DeploymentName,
  steps: readonly string[],
  more: Readonly<Record<string, string>> = {},
): string {
  return withQuery(joined('mine', namespace, name, ...steps), { cluster, ...more });
}

/** Two routes of the same kind of page about the same thing: focus and scroll stay where they are between them. */
export function samePage(one: Route, other: Route): boolean {
  if (one.page !== other.page) return false;
  if (one.page === 'browse') return true;
  return addressOf(one).split('?')[0] === addressOf(other).split('?')[0];
}

function joined(...steps: readonly string[]): string {
  return `/${steps.map(encodeURIComponent).join('/')}`;
}

/** A path with what of a query is not empty. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
