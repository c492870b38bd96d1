import { createHash } from 'node:crypto';
import type { Plan } from '../domain/plan.ts';
import { stableJson } from '../domain/stable-json.ts';

/**
 * What of a plan somebody agreed to: the app, what happens to each object, and which fields change. Values are left out: they follow from
 * the request and the package, and some packages render another certificate every time.
 */
export function planDigest(plan: Plan): string {
  const { operation, target, app, revision, createNamespace, deleteNamespace, objects, hooks } = plan;
  const agreed = {
    operation,
    cluster: target.clusterUid,
    namespace: target.namespace,
    name: target.name,
    package: app.contentDigest,
    revision,
    createNamespace,
    deleteNamespace: deleteNamespace === true,
    objects: objects.map(({ ref, action, changes, conflicts }) => ({
      ...{ group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name, action },
      fields: changes.map(({ path }) => path),
      conflicts: conflicts.map(({ manager, field, choice }) => ({ manager, field, choice })),
    })),
    hooks: hooks?.map(({ ref, runs, action }) => ({ kind: ref.kind, name: ref.name, runs, action })),
    grants: plan.grants,
    kept: plan.kept.map(({ ref }) => ref),
  };
  return `sha256:${createHash('sha256').update(stableJson(agreed)).digest('hex')}`;
}
