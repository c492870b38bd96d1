import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { ApiError, AppstoreError } from '../../src/domain/errors.ts';
import type { GroupVersionKind, KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';

/** What a contract suite runs on. */
export interface ContractSetup {
  /** All rights. */
  readonly cluster: Cluster;
  /** The same cluster for somebody who may do nothing in the namespace. */
  readonly stranger: Cluster;
  /** A namespace of this suite alone. */
  readonly namespace: string;
  dispose(): Promise<void>;
}

export const configMapKind: GroupVersionKind = { group: '', version: 'v1', kind: 'ConfigMap' };
export const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' };
export const deploymentKind: GroupVersionKind = { group: 'apps', version: 'v1', kind: 'Deployment' };
export const namespaceKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Namespace' };

/** A name that no other test has. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export function configMap(namespace: string, name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function deployment(namespace: string, name: string, replicas: number | undefined): KubeObject {
  const labels = { app: name };
  const containers = [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }];
  const template = { metadata: { labels }, spec: { containers } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template, ...(replicas === undefined ? {} : { replicas }) },
  };
}

export function refTo(kind: GroupVersionKind, namespace: string, name: string): ObjectRef {
  return { ...kind, namespace, name };
}

/** The ApiError that a call ends with; fails where it ends well or with another error. */
export async function apiErrorOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

/** The AppstoreError that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<AppstoreError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppstoreError);
  return error as AppstoreError;
}

/** Waits until something is there: controllers work in their own time. Fails after half a minute. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not reached within 30 s: ${look}`);
    await sleep(20);
  }
}
