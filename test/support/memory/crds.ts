import { idOf, type Store } from './store.ts';

const crdKind = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

/** Accepts the names of new CRDs, as the API server itself does a moment after they were written. */
export function establishCrds(store: Store): boolean {
  const fresh = store.all(crdKind).filter((crd) => crd.status?.conditions === undefined);
  for (const crd of fresh) {
    if (store.get(idOf(crd)) === undefined) continue;
    const names = crd.spec.names;
    const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: '' });
    const conditions = [
      condition('NamesAccepted', 'NoConflicts'),
      condition('Established', 'InitialNamesAccepted'),
    ];
    const stored = (crd.spec.versions as { name: string; storage?: boolean }[]).filter(
      (one) => one.storage === true,
    );
    store.put({
      ...crd,
      status: { conditions, acceptedNames: names, storedVersions: stored.map((one) => one.name) },
    });
  }
  return fresh.length > 0;
}
