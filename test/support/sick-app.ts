import type { JsonObject } from '../../src/domain/json.ts';
import { tinyApp } from './tiny-app.ts';

/** The trouble that a workload is to get into. */
export interface Sick {
  readonly behaviour?: string;
  readonly requests?: JsonObject;
  readonly kind?: 'Deployment' | 'Job' | 'StatefulSet';
  readonly claim?: string;
  readonly nodeSelector?: JsonObject;
  /** How long pods take with the behaviour `slow`. */
  readonly delay?: string;
  /** Seconds that a Deployment gives itself to make progress. */
  readonly progressDeadlineSeconds?: number;
}

/** Text of the app.yaml of one workload (and its claim) that gets into the trouble asked for. */
export function sickApp(sick: Sick): string {
  const labels = { app: 'tiny' };
  const annotations = {
    ...(sick.behaviour === undefined ? {} : { 'sandbox.appstore.dev/behaviour': sick.behaviour }),
    ...(sick.delay === undefined ? {} : { 'sandbox.appstore.dev/delay': sick.delay }),
  };
  const container = {
    name: 'web',
    image: 'registry.example/team/app:1.2',
    resources: { requests: { cpu: '10m', memory: '16Mi', ...sick.requests } },
    ...(sick.claim === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
  };
  const init =
    sick.behaviour === 'init-crash-loop' ? { initContainers: [{ ...container, name: 'prepare' }] } : {};
  const volumes =
    sick.claim === undefined
      ? {}
      : { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: '${name}-data' } }] };
  const { nodeSelector, progressDeadlineSeconds } = sick;
  const placing = nodeSelector === undefined ? {} : { nodeSelector };
  const podSpec = { containers: [container], ...init, ...volumes, ...placing };
  const kind = sick.kind ?? 'Deployment';
  const template = { metadata: { labels, annotations }, spec: podSpec };
  const workload =
    kind === 'Job'
      ? {
          apiVersion: 'batch/v1',
          kind,
          spec: { backoffLimit: 0, template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } },
        }
      : {
          apiVersion: 'apps/v1',
          kind,
          spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template,
            ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
            ...(kind === 'StatefulSet' ? { serviceName: 'tiny' } : {}),
          },
        };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: '${name}-data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: sick.claim ?? '',
      resources: { requests: { storage: '1Gi' } },
    },
  };
  return tinyApp([
    ...(sick.claim === undefined ? [] : [claim]),
    { ...workload, metadata: { name: '${name}' } },
  ]);
}
