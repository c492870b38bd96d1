import { ApiError } from '../../domain/errors.ts';
import { apiVersionsOf, type GroupKind } from '../../domain/objects.ts';
import type { ResourceType } from '../../services/ports.ts';
import type { DiscoveryCache } from './discovery-cache.ts';
import {
  type Discovered,
  isAggregated,
  parseAggregated,
  parseGroupVersions,
  parseResourceList,
  preferredOnly,
} from './discovery-parse.ts';
import { groupPath } from './paths.ts';
import type { Transport } from './transport.ts';
import { wellKnown } from './well-known.ts';

type WantedKind = GroupKind & { readonly version?: string };

/** Which kinds the server serves, asked as seldom as possible. */
export interface Discovery {
  find(kind: WantedKind, signal?: AbortSignal): Promise<ResourceType | undefined>;
  all(signal?: AbortSignal): Promise<readonly ResourceType[]>;
  /** `group/version` and `group/version/Kind`, of all versions, sorted. */
  apiVersions(signal?: AbortSignal): Promise<readonly string[]>;
  /** The next question goes to the server. */
  forget(): void;
  /** True where what is known came from disk and may be behind. */
  mayBeStale(): boolean;
}

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** Memory first, then the disk, then the server. A kind that the disk does not know is looked for on the server. */
export function discovery(transport: Transport, cache: DiscoveryCache | undefined): Discovery {
  const memory = remembered(transport, cache);
  return {
    find: async (kind, signal) => {
      const builtIn = wellKnown(kind);
      if (builtIn !== undefined) return builtIn;
      const { found, fresh } = await memory.current(signal);
      const type = select(found, kind);
      if (type !== undefined || fresh) return type;
      const groupKnown = found.some((other) => other.group === kind.group);
      if (!groupKnown && !(await servesGroup(transport, kind.group, signal))) return undefined;
      memory.forget();
      return select((await memory.current(signal)).found, kind);
    },
    all: async (signal) => preferredOnly((await memory.current(signal)).found),
    apiVersions: async (signal) => apiVersionsOf((await memory.current(signal)).found),
    forget: memory.forget,
    mayBeStale: memory.mayBeStale,
  };
}

interface Known {
  readonly found: Discovered;
  /** True where the server said it in this run. */
  readonly fresh: boolean;
}

/** Keeps what is known; those who ask at the same time wait for the same answer. */
function remembered(transport: Transport, cache: DiscoveryCache | undefined) {
  let known: Promise<Known> | undefined;
  let latest: Known | undefined;
  let trustDisk = true;
  const load = async (signal?: AbortSignal): Promise<Known> => {
    const held = trustDisk ? await cache?.read() : undefined;
    if (held !== undefined) return { found: held, fresh: false };
    const found = await askServer(transport, signal);
    await cache?.write(found);
    return { found, fresh: true };
  };
  const current = async (signal?: AbortSignal): Promise<Known> => {
    const attempt = known ?? load(signal);
    known = attempt;
    try {
      latest = await attempt;
      return latest;
    } catch (error) {
      if (known === attempt) known = undefined;
      throw error;
    }
  };
  const forget = () => {
    known = undefined;
    latest = undefined;
    trustDisk = false;
  };
  return { current, forget, mayBeStale: () => latest?.fresh === false };
}

/** One small request instead of all of discovery, for the kinds that a command looks for and most clusters do not have. */
async function servesGroup(transport: Transport, group: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await transport.text({
      method: 'GET',
      path: `/apis/${encodeURIComponent(group)}`,
      subject: 'API discovery',
      safety: 'repeat',
      ...(signal === undefined ? {} : { signal }),
    });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.failure.status === 404) return false;
    throw error;
  }
}

function select(found: Discovered, { group, kind, version }: WantedKind): ResourceType | undefined {
  return found.find(
    (type) =>
      type.kind === kind && type.group === group && (version === undefined || type.version === version),
  );
}

async function askServer(transport: Transport, signal?: AbortSignal): Promise<Discovered> {
  const ask = (path: string, accept: string) =>
    transport.json({
      method: 'GET',
      path,
      accept,
      subject: 'API discovery',
      safety: 'repeat',
      ...(signal === undefined ? {} : { signal }),
    });
  const [core, groups] = await Promise.all([ask('/api', AGGREGATED), ask('/apis', AGGREGATED)]);
  if (isAggregated(core) && isAggregated(groups))
    return [...parseAggregated(core), ...parseAggregated(groups)];
  const versions = parseGroupVersions(core, groups);
  const lists = await Promise.all(versions.map((version) => askVersion(version, ask)));
  return lists.flat();
}

/** An aggregated API whose server is down must not hide all the others. */
async function askVersion(
  groupVersion: string,
  ask: (path: string, accept: string) => ReturnType<Transport['json']>,
): Promise<Discovered> {
  const [group = '', version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  try {
    return parseResourceList(groupVersion, await ask(groupPath(group, version ?? ''), 'application/json'));
  } catch (error) {
    if (error instanceof ApiError && [404, 503].includes(error.failure.status)) return [];
    throw error;
  }
}
