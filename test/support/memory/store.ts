import { idKey, type KubeObject, type ObjectId, parseApiVersion } from '../../../src/domain/objects.ts';

/** A change as watches see it. `before` is absent for a creation, `after` for a deletion. */
export interface Change {
  readonly version: number;
  readonly group: string;
  readonly kind: string;
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/** Objects by identity, with every change that was made and who waits for the next. Frozen copies in and out. */
export interface Store {
  readonly version: number;
  readonly oldest: number;
  get(id: ObjectId): KubeObject | undefined;
  all(kind?: { readonly group: string; readonly kind: string }): KubeObject[];
  /** Stores an object under a new resourceVersion. */
  put(object: KubeObject): KubeObject;
  remove(id: ObjectId): void;
  changesSince(version: number): readonly Change[];
  /** Calls back after every change until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void;
  /** Forgets changes, as a real server does after some minutes. */
  compact(): void;
}

/** The identity of a stored object. */
export function idOf(object: KubeObject): ObjectId {
  const { group } = parseApiVersion(object.apiVersion);
  return {
    group,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  };
}

export function createStore(): Store {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<(change: Change) => void>();
  let changes: Change[] = [];
  let version = 100;
  let oldest = 100;

  function record(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const object = after ?? before;
    if (object === undefined) return;
    const change: Change = {
      version,
      group: parseApiVersion(object.apiVersion).group,
      kind: object.kind,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
    changes.push(change);
    for (const listener of [...listeners]) listener(change);
  }

  return {
    get version() {
      return version;
    },
    get oldest() {
      return oldest;
    },
    get: (id) => structuredClone(objects.get(idKey(id))),
    all: (kind) =>
      [...objects.values()]
        .filter(
          (object) => kind === undefined || (object.kind === kind.kind && idOf(object).group === kind.group),
        )
        .map((object) => structuredClone(object)),
    put(object) {
      version++;
      const stored = structuredClone(object);
      stored.metadata.resourceVersion = String(version);
      const key = idKey(idOf(stored));
      const before = objects.get(key);
      objects.set(key, stored);
      record(before, stored);
      return structuredClone(stored);
    },
    remove(id) {
      const before = objects.get(idKey(id));
      if (before === undefined) return;
      version++;
      objects.delete(idKey(id));
      const last = structuredClone(before);
      last.metadata.resourceVersion = String(version);
      record(last, undefined);
    },
    changesSince: (since) => changes.filter((change) => change.version > since),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact() {
      changes = [];
      version++;
      oldest = version;
    },
  };
}
