import type { Cluster, ClusterTarget } from '../../services/ports.ts';
import { askAccess } from './access.ts';
import type { Api } from './api.ts';
import { followLogs, readLogs } from './logs.ts';
import {
  getImmutableObject,
  getObject,
  getObjectMetadata,
  listObjectMetadata,
  listObjects,
} from './reads.ts';
import type { Upgrade } from './upgrade.ts';
import { clusterUid, serverVersion } from './version.ts';
import { watchObjectMetadata, watchObjects } from './watch.ts';
import {
  applyObject,
  applyObjectMetadata,
  createObject,
  deleteObject,
  mergePatchObject,
  replaceObject,
} from './writes.ts';

/** The `Cluster` port on a real API server. */
export function apiCluster(target: ClusterTarget, api: Api, upgrade: Upgrade): Cluster {
  const { discovery, transport } = api;
  return {
    target,
    version: (signal) => serverVersion(api, signal),
    uid: (signal) => clusterUid(api, signal),
    resourceType: (kind, signal) => discovery.find(kind, signal),
    resourceTypes: (signal) => discovery.all(signal),
    apiVersions: (signal) => discovery.apiVersions(signal),
    forgetDiscovery: () => discovery.forget(),
    get: (ref, signal) => getObject(api, ref, signal),
    getImmutable: (ref, signal) => getImmutableObject(api, ref, signal),
    getMetadata: (ref, signal) => getObjectMetadata(api, ref, signal),
    list: (kind, options) => listObjects(api, kind, options),
    listMetadata: (kind, options) => listObjectMetadata(api, kind, options),
    watch: (kind, options) => watchObjects(api, kind, options),
    expectWatches: () => transport.expectStreams(),
    watchMetadata: (kind, options) => watchObjectMetadata(api, kind, options),
    create: (object, options) => createObject(api, object, options),
    replace: (object, options) => replaceObject(api, object, options),
    apply: (object, options) => applyObject(api, object, options),
    applyMetadata: (object, options) => applyObjectMetadata(api, object, options),
    mergePatch: (ref, patch, options) => mergePatchObject(api, ref, patch, options),
    delete: (ref, options) => deleteObject(api, ref, options),
    access: (questions, signal) => askAccess(api, questions, signal),
    logs: (pod, options) => readLogs(api, pod, options),
    followLogs: (pod, options) => followLogs(api, pod, options),
    portForward: async (pod, port, options) => {
      const { forwardPort } = await import('./port-forward.ts');
      return forwardPort(api, upgrade, pod, port, options);
    },
    close: () => transport.close(),
  };
}
