import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/domain/lint/lint.ts';
import { sarifLog } from '../../src/domain/lint/sarif.ts';

const text = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' } },
  additionalProperties: false,
};
const level = { enum: ['none', 'note', 'warning', 'error'] };

/** The part of SARIF 2.1.0 that is written, as its specification has it (sections 3.13 to 3.54); nothing else may be there. */
const schema = {
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', format: 'uri' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool', 'results'],
        additionalProperties: false,
        properties: {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          tool: {
            type: 'object',
            required: ['driver'],
            additionalProperties: false,
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                additionalProperties: false,
                properties: {
                  name: { type: 'string' },
                  semanticVersion: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id'],
                      additionalProperties: false,
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        help: text,
                        defaultConfiguration: {
                          type: 'object',
                          additionalProperties: false,
                          properties: { level },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message'],
              additionalProperties: false,
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: 0 },
                level,
                message: text,
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    additionalProperties: false,
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        additionalProperties: false,
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            additionalProperties: false,
                            properties: { uri: { type: 'string', pattern: '^[A-Za-z0-9._~%/:-]+$' } },
                          },
                          region: {
                            type: 'object',
                            additionalProperties: false,
                            properties: {
                              startLine: { type: 'integer', minimum: 1 },
                              startColumn: { type: 'integer', minimum: 1 },
                            },
                          },
                        },
                      },
                      logicalLocations: {
                        type: 'array',
                        uniqueItems: true,
                        items: {
                          type: 'object',
                          additionalProperties: false,
                          properties: { fullyQualifiedName: { type: 'string' }, kind: { type: 'string' } },
                        },
                      },
                    },
                  },
                },
                suppressions: {
                  type: 'array',
                  uniqueItems: true,
                  items: {
                    type: 'object',
                    required: ['kind'],
                    additionalProperties: false,
                    properties: {
                      kind: { enum: ['inSource', 'external'] },
                      justification: { type: 'string' },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const finding: Finding = {
  rule: 'icon',
  severity: 'warning',
  message: 'there is no icon',
  fix: 'Draw one',
  file: 'my apps/wéb/app.yaml',
  line: 3,
  column: 1,
};

test('findings are SARIF 2.1.0', () => {
  const log = sarifLog(
    [
      finding,
      { ...finding, file: '/abs/app.yaml', object: 'Pod/x', suppressed: 'meant so', severity: 'error' },
    ],
    '1.0.0',
  );
  const check = new Ajv2020({ strict: false, allErrors: true, formats: { uri: true } }).compile(schema);
  expect(check(log) ? [] : check.errors).toEqual([]);
  expect(log).toMatchObject({
    runs: [
      {
        results: [
          {
            ruleId: 'icon',
            level: 'warning',
            locations: [{ physicalLocation: { artifactLocation: { uri: 'my%20apps/w%C3%A9b/app.yaml' } } }],
          },
          {
            locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///abs/app.yaml' } } }],
            suppressions: [{ kind: 'inSource', justification: 'meant so' }],
          },
        ],
      },
    ],
  });
  const [run] = log.runs as unknown as {
    tool: { driver: { rules: { id: string }[] } };
    results: { ruleIndex: number; ruleId: string }[];
  }[];
  for (const { ruleIndex, ruleId } of run?.results ?? [])
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
});
