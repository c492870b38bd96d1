import type { JsonSchema } from './app.ts';
import { schemaOfSchemas } from './schema-of-schemas.ts';

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});
const url = (description: string): JsonSchema => text(description, { format: 'uri' });

/** Names of apps are part of names of objects, so they leave room. */
const appNameLimit = 40;

/** Categories that the catalog's page knows; another is allowed, so this is offered, not enforced. */
const categories = [
  'ai',
  'automation',
  'databases',
  'development',
  'games',
  'media',
  'messaging',
  'monitoring',
  'networking',
  'other',
  'productivity',
  'security',
  'storage',
  'web',
];

const metadata: JsonSchema = {
  type: 'object',
  description: 'What a catalog shows of the app.',
  additionalProperties: false,
  required: ['name', 'version', 'appVersion', 'title', 'summary', 'category', 'license', 'home'],
  properties: {
    name: text('Name of the app, and of its folder in a catalog.', {
      pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
      maxLength: appNameLimit,
    }),
    version: text('Version of this package (semver, without a leading v).', { minLength: 1 }),
    appVersion: text('Version of what it runs. In quotes: 17.10 would be a number.', { minLength: 1 }),
    title: text('Name for people.', { minLength: 1, maxLength: 60 }),
    summary: text('One line, without a full stop.', { minLength: 1, maxLength: 120 }),
    description: text('What it is and whom it is for, in Markdown.', { maxLength: 20_000 }),
    category: text('One word.', { pattern: '^[a-z][a-z0-9-]*$', maxLength: 30, examples: categories }),
    keywords: {
      type: 'array',
      description: 'Further words to find it by.',
      maxItems: 30,
      items: text('', { maxLength: 40 }),
    },
    license: text('Licence of the app (an SPDX identifier where there is one).', {
      minLength: 1,
      maxLength: 100,
    }),
    home: url('Home page of the app.'),
    sources: { type: 'array', description: 'Where its source is.', maxItems: 20, items: url('An address.') },
    maintainers: {
      type: 'array',
      description: 'Who looks after this package.',
      maxItems: 20,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: text('Name.'), email: text('Address.', { format: 'email' }), url: url('Page.') },
      },
    },
    icon: text('Path of the icon in the package.', { examples: ['icon.svg'], maxLength: 200 }),
  },
};

const requires: JsonSchema = {
  type: 'object',
  description: 'What the app cannot do without. Answered by the cluster before anything is written.',
  additionalProperties: false,
  properties: {
    kubernetes: text('Semver range of Kubernetes versions.', { examples: ['>=1.29'] }),
    capabilities: {
      type: 'array',
      uniqueItems: true,
      items: text('storage, ingress, metrics, loadBalancer, or group/Kind of an API that must be served.', {
        pattern: '^(storage|ingress|metrics|loadBalancer|[a-z0-9.-]+/[A-Z][A-Za-z0-9]*)$',
      }),
    },
  },
};

const when: JsonSchema = {
  type: ['string', 'boolean'],
  description: 'Evaluated before everything else of the entry: where it is false, nothing else is.',
};

const manifest: JsonSchema = {
  type: 'object',
  description: 'A Kubernetes object. Strings may hold ${ ... } expressions.',
  required: ['apiVersion', 'kind', 'metadata'],
  properties: {
    apiVersion: text('For example apps/v1.', { minLength: 1 }),
    kind: text('For example Deployment.', { minLength: 1 }),
    metadata: {
      type: 'object',
      required: ['name'],
      properties: {
        name: text('Begin it with ${name}, so that the app can be installed several times.', {
          minLength: 1,
        }),
      },
      additionalProperties: true,
    },
  },
  additionalProperties: true,
};

const longForm: JsonSchema = {
  type: 'object',
  description: 'A resource with conditions.',
  additionalProperties: false,
  required: ['resource'],
  properties: {
    when,
    forEach: {
      type: 'object',
      description: 'One object an entry of a list or map; several variables give every combination.',
      minProperties: 1,
      maxProperties: 4,
      propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
      additionalProperties: { type: ['string', 'array', 'object'] },
    },
    resource: manifest,
  },
};

/** One entry of `resources`, and one document of a file in resources/. */
export const resourceSchema: JsonSchema = {
  type: 'object',
  if: { anyOf: [{ required: ['resource'] }, { required: ['forEach'] }, { required: ['when'] }] },
  then: longForm,
  else: manifest,
};

const open: JsonSchema = {
  type: 'array',
  description: 'Addresses of the app; the first is what `appstore open` opens.',
  maxItems: 20,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['title'],
    properties: {
      title: text('For people.', { minLength: 1 }),
      url: text('Where it is reached from outside.'),
      service: {
        type: 'object',
        description: 'Where to forward a local port to.',
        additionalProperties: false,
        required: ['name', 'port'],
        properties: {
          name: text('Name of the Service.', { minLength: 1 }),
          port: { type: ['integer', 'string'], description: 'Port of the Service, by number or name.' },
          path: text('Path of the address, / if not said.'),
          scheme: text('http (the default) or https.'),
        },
      },
      when,
    },
    anyOf: [{ required: ['url'] }, { required: ['service'] }],
  },
};

const lint: JsonSchema = {
  type: 'object',
  description: 'For `appstore catalog lint`. Nothing else reads it.',
  additionalProperties: false,
  properties: {
    ignore: {
      type: 'array',
      description: 'Findings that are meant to be so.',
      maxItems: 100,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['rule', 'reason'],
        properties: {
          rule: text('Name of the rule (docs/lint.md).', { minLength: 1 }),
          reason: text('Why it does not hold here.', { minLength: 1, maxLength: 500 }),
          object: text('Only for this object: Kind/name, the name as it is written or * for any part.', {
            minLength: 1,
          }),
        },
      },
    },
  },
};

/** The JSON Schema of app.yaml. docs/schema/app.v1.json is this table, for editors; a test keeps the two equal. */
export const appSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://appstore.dev/schema/app.v1.json',
  title: 'app.yaml of an appstore package',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'resources'],
  properties: {
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'App' },
    metadata,
    requires,
    values: {
      type: 'object',
      description: 'JSON Schema (2020-12) of the values. Unknown names are refused unless it says otherwise.',
      $ref: '#/$defs/schema',
    },
    resources: { type: 'array', description: 'Kubernetes manifests.', items: resourceSchema },
    outputs: {
      type: 'object',
      description: 'Named results, for people and scripts.',
      propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
    open,
    notes: text('Told after an install.'),
    lint,
  },
  $defs: { schema: schemaOfSchemas },
};

/** Schema of the head of app.yaml, which is all that a catalog needs. */
export const appHeadSchema: JsonSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata'],
  properties: { apiVersion: { const: 'appstore.dev/v1' }, kind: { const: 'App' }, metadata },
  additionalProperties: true,
};

/** The same, without looking into `values` (`checkSchema`) and `resources`, which are looked at one by one (`isPlainManifest`). */
export const appFrameSchema: JsonSchema = {
  ...appSchema,
  properties: { ...appSchema.properties, values: { type: 'object' }, resources: { type: 'array' } },
};
