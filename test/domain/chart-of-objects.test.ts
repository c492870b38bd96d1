import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartOfObjects } from '../../src/domain/chart-of-objects.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { createMasker } from '../../src/domain/masking.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Phase } from '../../src/domain/rendered.ts';

const secret = 'correct-horse';

function chartOf(...objects: readonly [object: object, phase?: Phase][]) {
  return chartOfObjects({
    package: { name: 'web', version: '1.2.3', appVersion: '9' },
    installation: { name: 'shop', namespace: 'here' },
    objects: objects.map(([object, phase = { kind: 'normal' }]) => ({
      object: { apiVersion: 'v1', ...object } as unknown as KubeObject,
      source: { file: 'app.yaml' },
      phase,
    })),
    notes: `Log in with ${secret} at {{ host }}`,
    mask: createMasker([secret]),
  });
}

const metadataOf = (text: string | undefined): JsonObject => parse(text ?? '').metadata;

test('its head, its notes and its empty values', () => {
  const { files, values } = chartOf([{ kind: 'ConfigMap', metadata: { name: 'a' } }]);
  expect(parse(files['Chart.yaml'] ?? '')).toEqual({
    apiVersion: 'v2',
    name: 'web',
    version: '1.2.3',
    appVersion: '9',
    description: 'web 1.2.3, as it was installed as shop in namespace here',
    type: 'application',
  });
  expect(files['templates/NOTES.txt']).toBe('Log in with ******** at {{ "{{" }} host }}');
  expect(parse(files['values.yaml'] ?? '')).toEqual({ secrets: {} });
  expect(values).toEqual({});
});

test('a secret stands in the values alone, wherever it is in an object', () => {
  const { files, values } = chartOf(
    [{ kind: 'Secret', metadata: { name: 's' }, data: { token: 'YQ==', empty: '' } }],
    [
      {
        kind: 'ConfigMap',
        metadata: { name: 'c' },
        data: { url: `http://me:${secret}@db`, [`x-${secret}`]: 'y', plain: '{{ no template }}' },
      },
    ],
    [{ kind: 'Pod', metadata: { name: 'p' }, spec: { args: ['a', `--key=${secret}`] } }],
  );
  expect(values).toEqual({
    secrets: {
      'Secret/s data.token': 'YQ==',
      'ConfigMap/c data': { url: `http://me:${secret}@db`, [`x-${secret}`]: 'y', plain: '{{ no template }}' },
      'Pod/p spec.args[1]': `--key=${secret}`,
    },
  });
  expect(JSON.stringify(files)).not.toMatch(/correct-horse|YQ==/);
  expect(files['templates/secret-s.yaml']).toContain(
    'token: {{ required "the values lack what is secret in Secret/s data.token" (index .Values.secrets "Secret/s data.token") | toJson }}',
  );
});

test('a text that looks like what stands for a secret is told apart', () => {
  const { files } = chartOf([
    { kind: 'Secret', metadata: { name: 'exportedSecret0' }, data: { a: 'YQ==', b: 'Yg==' } },
  ]);
  expect(files['templates/secret-exportedsecret0.yaml']).toContain('name: exportedSecret0\n');
  expect(files['templates/secret-exportedsecret0.yaml']?.match(/\{\{ required/g)).toHaveLength(2);
});

test('what Go takes for a template is text', () => {
  const { files } = chartOf([{ kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '{{ .Values.x }}' } }]);
  expect(files['templates/configmap-c.yaml']).toContain('{{ "{{" }} .Values.x }}');
});

test('definitions lie in crds/ as they are, hooks have annotations, volumes and their Secrets stay', () => {
  const definition = { kind: 'CustomResourceDefinition', metadata: { name: 'a.b' }, spec: { x: '{{ y }}' } };
  const { files } = chartOf(
    [definition, { kind: 'crd' }],
    [
      { kind: 'Job', metadata: { name: 'j', annotations: { own: 'kept' } } },
      {
        kind: 'hook',
        events: ['pre-install', 'test'],
        weight: -5,
        deletePolicies: ['hook-succeeded'],
        logPolicies: [],
      },
    ],
    [{ kind: 'PersistentVolumeClaim', metadata: { name: 'v' } }],
    [
      { kind: 'Secret', metadata: { name: 'k' } },
      { kind: 'normal', opensVolumes: true },
    ],
  );
  expect(parse(files['crds/customresourcedefinition-a.b.yaml'] ?? '')).toEqual({
    apiVersion: 'v1',
    ...definition,
  });
  expect(metadataOf(files['templates/job-j.yaml']).annotations).toEqual({
    own: 'kept',
    'helm.sh/hook': 'pre-install,test',
    'helm.sh/hook-weight': '-5',
    'helm.sh/hook-delete-policy': 'hook-succeeded',
  });
  const keep = { 'helm.sh/resource-policy': 'keep' };
  expect(metadataOf(files['templates/persistentvolumeclaim-v.yaml']).annotations).toEqual(keep);
  expect(metadataOf(files['templates/secret-k.yaml']).annotations).toEqual(keep);
});

test('the namespace is that of the release, unless an object lies in another', () => {
  const { files } = chartOf(
    [{ kind: 'ConfigMap', metadata: { name: 'a', namespace: 'here' } }],
    [{ kind: 'ConfigMap', metadata: { name: 'a', namespace: 'there' } }],
    [{ kind: 'ClusterRole', metadata: { name: 'sys:A' } }],
  );
  expect(metadataOf(files['templates/configmap-a.yaml'])).toEqual({ name: 'a' });
  expect(metadataOf(files['templates/configmap-a-2.yaml'])).toEqual({ name: 'a', namespace: 'there' });
  expect(metadataOf(files['templates/clusterrole-sys-a.yaml'])).toEqual({ name: 'sys:A' });
});
