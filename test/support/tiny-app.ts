import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../src/domain/json.ts';

/** Text of an app.yaml with the resources and values given: the smallest package there is around them. */
export function tinyApp(resources: readonly Json[], values: JsonObject = {}): string {
  return stringify({
    apiVersion: 'appstore.dev/v1',
    kind: 'App',
    metadata: {
      name: 'tiny',
      version: '1.0.0',
      appVersion: '1.0',
      title: 'Tiny',
      summary: 'An app for tests',
      description: 'An app for tests.',
      category: 'other',
      license: 'Apache-2.0',
      home: 'https://example.com',
    },
    values: { type: 'object', ...values },
    resources,
  });
}

export const configMapResource = (name: string, data: JsonObject = { a: 'b' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** A Deployment whose pods behave as the sandbox is told to let them behave. */
export function workloadResource(options: {
  readonly behaviour?: string;
  readonly replicas?: number;
  readonly cpu?: string;
}): JsonObject {
  const labels = { app: 'tiny' };
  const annotations = {
    ...(options.behaviour === undefined ? {} : { 'sandbox.appstore.dev/behaviour': options.behaviour }),
  };
  const container = {
    name: 'web',
    image: 'example.com/web:1',
    resources: { requests: { cpu: options.cpu ?? '10m', memory: '16Mi' } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: '${name}' },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [container] } },
    },
  };
}
