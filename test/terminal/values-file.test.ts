import { expect, test } from 'vitest';
import { defaultValues, valuesFile } from '../../src/cli/views/values-file.ts';
import type { JsonSchema } from '../../src/domain/app.ts';
import { parseYamlDocument } from '../../src/domain/yaml-source.ts';

const schema: JsonSchema = {
  type: 'object',
  required: ['host'],
  properties: {
    host: { type: 'string', title: 'Host name', format: 'hostname' },
    replicas: {
      type: 'integer',
      default: 2,
      minimum: 1,
      maximum: 9,
      description: 'How many.\nAt least one.',
    },
    'odd key': { type: 'string', default: 'on' },
    tag: { type: 'string', default: '1.10' },
    storage: {
      type: 'object',
      title: 'Storage',
      properties: {
        size: { type: 'string', default: '8Gi' },
        class: { type: 'string', enum: ['fast', 'slow'] },
      },
    },
    auth: { type: 'object', properties: { password: { type: 'string', 'x-generate': {} } } },
    list: { type: 'array', default: ['a', { b: 1 }] },
  },
};

test('as it stands it is the defaults', async () => {
  const text = await valuesFile(schema);
  expect(parseYamlDocument(text, 'values.yaml').value).toEqual({ ...defaultValues(schema), auth: {} });
  expect(defaultValues(schema)).toEqual({
    replicas: 2,
    'odd key': 'on',
    tag: '1.10',
    storage: { size: '8Gi' },
    list: ['a', { b: 1 }],
  });
});

test('comments say what a value is and may be', async () => {
  const text = await valuesFile(schema);
  expect(text).toContain('# Host name\n# (required; format hostname)\n# host:');
  expect(text).toContain('# How many.\n# At least one.\n# (at least 1; at most 9)\nreplicas: 2');
  expect(text).toContain('  # (one of "fast", "slow")\n  # class:');
  expect(text).toContain('# (generated once and kept if not given)');
});

test('words that YAML 1.1 reads as booleans are quoted', async () => {
  expect(await valuesFile(schema)).toMatch(/odd key"?: ["']on["']/);
});

test('a package cannot write to the terminal', async () => {
  const text = await valuesFile({
    properties: {
      a: { type: 'string', default: 'x', title: 'T\u001b]0;evil\u0007', description: '\u001b[2Jgone' },
    },
  });
  expect(text).not.toMatch(/\u001b/);
});

test('local references are followed, and a schema that contains itself ends', async () => {
  const shared: JsonSchema = {
    $ref: '#/$defs/all',
    $defs: {
      all: { type: 'object', properties: { disk: { $ref: '#/$defs/disk' }, tree: { $ref: '#/$defs/tree' } } },
      disk: { $ref: '#/$defs/size', title: 'Disk' },
      size: { type: 'object', properties: { size: { type: 'string', default: '8Gi', title: 'Size' } } },
      tree: {
        type: 'object',
        properties: { leaf: { default: 1 }, branch: { $ref: '#/$defs/tree', title: 'Branch' } },
      },
    },
  };
  const text = await valuesFile(shared);
  expect(text).toBe(`# Disk
disk:
  # Size
  size: 8Gi

tree:
  leaf: 1
  # Branch
  # branch:
`);
  expect(parseYamlDocument(text, 'values.yaml').value).toEqual(defaultValues(shared));
});

test('an app without values', async () => {
  expect(await valuesFile({ type: 'object' })).toBe('{}\n');
});
