import { formatApiVersion, type KubeObject, type ObjectRef, refOf } from '../../../src/domain/objects.ts';
import type { ApplyOptions, Cluster, WriteOptions } from '../../../src/services/ports.ts';
import { needKind } from './backend.ts';
import { remove } from './deletion.ts';
import { metadataOf } from './read-side.ts';
import { invalid } from './refusals.ts';
import type { View } from './world.ts';
import { apply, create, mergePatch, replace, type WriteContext } from './writes.ts';

type WriteSide = Pick<Cluster, 'create' | 'replace' | 'apply' | 'applyMetadata' | 'mergePatch' | 'delete'>;

/** What the real adapter writes as where no manager is named. */
const writer = 'appstore';

/** The methods that change something. */
export function writeSide(view: View): WriteSide {
  const { store, gate, now } = view;
  const context = (manager: string, how: WriteOptions): WriteContext => ({
    store,
    now,
    manager,
    dryRun: how.dryRun === true,
  });
  const applying = (how: ApplyOptions): WriteContext => ({
    ...context(how.fieldManager, how),
    force: how.force === true,
  });
  return {
    create: (object, how = {}) =>
      write(view, 'create', object, how, () => create(context(how.fieldManager ?? writer, how), object)),
    replace: (object, how = {}) =>
      write(view, 'update', object, how, () => replace(context(writer, how), object)),
    apply: (object, how) => applyAs(view, object, how, applying(how)),
    applyMetadata: async (object, how) => metadataOf(await applyAs(view, object, how, applying(how))),
    async mergePatch(ref, patch, how = {}) {
      await gate.pass('patch', needKind(store, ref), ref, { dryRun: how.dryRun, signal: how.signal });
      return mergePatch(context(how.fieldManager ?? writer, how), ref, patch);
    },
    async delete(ref, how = {}) {
      await gate.pass('delete', needKind(store, ref), ref, { dryRun: how.dryRun, signal: how.signal });
      return remove(store, ref, how, now);
    },
  };
}

async function write(
  { store, gate }: View,
  verb: 'create' | 'update' | 'patch',
  object: KubeObject,
  how: WriteOptions,
  act: () => KubeObject,
): Promise<KubeObject> {
  const ref = refOf(object);
  const kind = needKind(store, ref);
  await gate.pass(verb, kind, ref, { dryRun: how.dryRun, signal: how.signal });
  if (kind.namespaced && ref.namespace === '') {
    const cause = { field: 'metadata.namespace', message: 'Required value', reason: 'FieldValueRequired' };
    throw invalid({ kind, namespace: '', name: ref.name }, [cause]);
  }
  return act();
}

/** An apply that would create asks for the right to create besides the one to patch. */
function applyAs(
  view: View,
  object: KubeObject,
  how: ApplyOptions,
  context: WriteContext,
): Promise<KubeObject> {
  const { store, gate } = view;
  return write(view, 'patch', object, how, () => {
    const ref = refOf(object);
    const kind = needKind(store, ref);
    const namespace = kind.namespaced ? ref.namespace : '';
    const { group, resource } = kind;
    if (store.get({ ...ref, namespace }) === undefined) {
      gate.check({ verb: 'create', group, resource, namespace, name: ref.name }, kind);
    }
    return apply(context, object);
  });
}

/** Writes a status through its subresource, as a controller does. */
export function writeStatus(view: View, ref: ObjectRef, status: Readonly<Record<string, unknown>>): void {
  const metadata = { name: ref.name, namespace: ref.namespace };
  const object = { apiVersion: formatApiVersion(ref), kind: ref.kind, metadata, status };
  const { store, now } = view;
  replace({ store, now, manager: 'controller', dryRun: false, subresource: 'status' }, object);
}
