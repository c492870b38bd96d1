import type { Plan, PlannedObject } from '../../src/domain/plan.ts';

/** A planned object; what is not given is that of a change checked by the server. */
export function plannedObject(
  given: Partial<PlannedObject> & Pick<PlannedObject, 'ref' | 'action'>,
): PlannedObject {
  return {
    reason: '',
    phase: { kind: 'normal' },
    stage: 4,
    rank: 0,
    checked: 'server',
    changes: [],
    conflicts: [],
    ...given,
  };
}

export const ref = (kind: string, name: string, namespace = 'demo') => ({
  group: '',
  version: 'v1',
  kind,
  namespace,
  name,
});

const app = {
  catalog: 'builtin',
  name: 'postgres',
  version: '1.2.0',
  appVersion: '18',
  contentDigest: 'sha256:00',
  source: 'catalog/postgres',
};

/** A plan of an upgrade of `db` in `demo`. */
export function samplePlan(given: Partial<Plan> = {}): Plan {
  return {
    formatVersion: 1,
    operation: 'upgrade',
    target: { context: 'prod', server: 'https://10.0.0.1', clusterUid: 'u', namespace: 'demo', name: 'db' },
    app,
    previous: { ...app, version: '1.1.0' },
    revision: 2,
    basis: '1',
    createNamespace: false,
    objects: [],
    handovers: [],
    grants: [],
    kept: [],
    warnings: [],
    ...given,
  };
}
