import { kube, kubeAnswer } from './sandbox.ts';

interface ResourceList {
  readonly resources: readonly { name: string; namespaced: boolean; verbs: readonly string[] }[];
}

interface ObjectList {
  readonly items: readonly { metadata: { name: string; resourceVersion: string } }[];
}

/** Comes by itself in every namespace, or says only what the controllers think. */
const bystanders = [/^events/, /^configmaps\/kube-root-ca\.crt$/, /^serviceaccounts\/default$/];

/** What controllers make of objects, and change at their own pace. */
const derived = /^(pods|replicasets|controllerrevisions|endpoints|endpointslices|leases)(\.[^/]*)?\//;

/** Every object in a namespace as `resource.group/name`, whatever its kind, with its version. */
export async function contents(namespace: string, selector = ''): Promise<Readonly<Record<string, string>>> {
  const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
  const found = await Promise.all(
    (await namespacedKinds()).map(async ({ path, id }) => {
      const { status, body } = await kubeAnswer('GET', `${path(namespace)}${query}`);
      // A kind that another test brought, and took back meanwhile.
      if (status === 404) return [];
      if (status !== 200) throw new Error(`${path(namespace)}: ${status} ${JSON.stringify(body)}`);
      return (body as ObjectList).items.map(
        ({ metadata }) => [`${id}/${metadata.name}`, metadata.resourceVersion] as const,
      );
    }),
  );
  const entries = found.flat().filter(([id]) => !bystanders.some((pattern) => pattern.test(id)));
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

/** The names alone of what is there. */
export async function names(namespace: string, selector = ''): Promise<readonly string[]> {
  return Object.keys(await contents(namespace, selector));
}

/** What somebody wrote, without what controllers make of it: the record included. */
export async function written(namespace: string): Promise<Readonly<Record<string, string>>> {
  const all = Object.entries(await contents(namespace));
  return Object.fromEntries(all.filter(([id]) => !derived.test(id)));
}

interface Kind {
  readonly id: string;
  path(namespace: string): string;
}

let kinds: Promise<readonly Kind[]> | undefined;

/** Asked once: no test that looks at contents brings kinds of its own. */
function namespacedKinds(): Promise<readonly Kind[]> {
  kinds ??= discover();
  return kinds;
}

async function discover(): Promise<readonly Kind[]> {
  const groups = (await kube('GET', '/apis')) as unknown as {
    groups: readonly { name: string; preferredVersion: { groupVersion: string } }[];
  };
  const roots = [
    { group: '', root: '/api/v1' },
    ...groups.groups.map((one) => ({ group: one.name, root: `/apis/${one.preferredVersion.groupVersion}` })),
  ];
  const lists = await Promise.all(
    roots.map(async ({ group, root }) =>
      ((await kube('GET', root)) as unknown as ResourceList).resources
        .filter((kind) => kind.namespaced && kind.verbs.includes('list'))
        .map(({ name }) => ({
          id: group === '' ? name : `${name}.${group}`,
          path: (namespace: string) => `${root}/namespaces/${namespace}/${name}`,
        })),
    ),
  );
  return lists.flat();
}
