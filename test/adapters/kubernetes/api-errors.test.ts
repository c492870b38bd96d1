import { expect, test } from 'vitest';
import { apiError, parseRefusal } from '../../../src/adapters/kubernetes/api-errors.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

function errorFor(code: number, reason: string, message: string, details: JsonObject = {}) {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message,
    details,
  });
  return apiError(parseRefusal(code, body), 'Deployment/web/one');
}

/** Messages as Kubernetes 1.36.3 wrote them. */
test.each<[string, number, string, string, JsonObject]>([
  ['UNAUTHENTICATED', 401, 'Unauthorized', 'Unauthorized', {}],
  [
    'FORBIDDEN',
    403,
    'Forbidden',
    'configmaps is forbidden: User "dev" cannot list resource "configmaps" in API group "" in the namespace "default"',
    { kind: 'configmaps' },
  ],
  [
    'QUOTA_EXCEEDED',
    403,
    'Forbidden',
    'pods "a" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1',
    { name: 'a', kind: 'pods' },
  ],
  [
    'QUOTA_EXCEEDED',
    403,
    'Forbidden',
    'pods "a" is forbidden: failed quota: small: must specify cpu for: c',
    { name: 'a', kind: 'pods' },
  ],
  [
    'NAMESPACE_TERMINATING',
    403,
    'Forbidden',
    'configmaps "late" is forbidden: unable to create new content in namespace web because it is being terminated',
    {
      name: 'late',
      kind: 'configmaps',
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: 'namespace web is being terminated',
          field: 'metadata.namespace',
        },
      ],
    },
  ],
  ['ADMISSION_DENIED', 403, 'Forbidden', 'admission webhook "policy.example.com" denied the request: no', {}],
  [
    'ADMISSION_DENIED',
    400,
    'BadRequest',
    'admission webhook "policy.example.com" denied the request without explanation',
    {},
  ],
  [
    'ADMISSION_DENIED',
    422,
    'Invalid',
    `deployments.apps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: false`,
    {},
  ],
  [
    'ADMISSION_DENIED',
    403,
    'Forbidden',
    'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    {},
  ],
  [
    'ADMISSION_DENIED',
    403,
    'Forbidden',
    'pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    {},
  ],
  [
    'WEBHOOK_UNAVAILABLE',
    500,
    'InternalError',
    'Internal error occurred: failed calling webhook "x": connection refused',
    {},
  ],
  ['WEBHOOK_UNAVAILABLE', 400, 'BadRequest', 'admission webhook "x" does not support dry run', {}],
  ['NAMESPACE_MISSING', 404, 'NotFound', 'namespaces "nope" not found', { name: 'nope', kind: 'namespaces' }],
  ['KIND_UNKNOWN', 404, 'NotFound', 'the server could not find the requested resource', {}],
  ['API_CONFLICT', 409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }],
  [
    'API_CONFLICT',
    409,
    'Conflict',
    'Operation cannot be fulfilled on configmaps "a": the object has been modified',
    { name: 'a', kind: 'configmaps' },
  ],
  [
    'FIELD_IMMUTABLE',
    422,
    'Invalid',
    'Deployment.apps "a" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
    {},
  ],
  [
    'FIELD_IMMUTABLE',
    422,
    'Invalid',
    `StatefulSet.apps "a" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template' are forbidden`,
    {},
  ],
  [
    'FIELD_IMMUTABLE',
    422,
    'Invalid',
    'PersistentVolumeClaim "a" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests',
    {},
  ],
  [
    'FIELD_IMMUTABLE',
    422,
    'Invalid',
    'Service "a" is invalid: spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: may not change once set',
    {},
  ],
  [
    'API_INVALID',
    422,
    'Invalid',
    'Deployment.apps "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    {},
  ],
  ['API_INVALID', 400, 'BadRequest', 'strict decoding error: unknown field "spec.foo"', {}],
  [
    'API_INVALID',
    500,
    '',
    'failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .datas: field not declared in schema',
    {},
  ],
  ['API_ERROR', 410, 'Expired', 'The resourceVersion for the provided watch is too old.', {}],
  ['API_ERROR', 429, 'TooManyRequests', 'too many requests', {}],
  ['API_ERROR', 503, 'ServiceUnavailable', 'the server is currently unable to handle the request', {}],
])('%s: %i %s %s', (code, status, reason, message, details) => {
  const error = errorFor(status, reason, message, details);
  expect(error).toMatchObject({ code, failure: { status, reason } });
  expect(error.message).toBe(`Deployment/web/one: ${message}`);
});

test('every manager and field of an apply conflict', () => {
  const causes = [
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-edit" using apps/v1',
      field: '.spec.replicas',
    },
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "hpa" with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z',
      field: '.spec.template.spec.containers[name="web"].image',
    },
  ];
  const error = errorFor(409, 'Conflict', 'Apply failed with 2 conflicts', { causes });
  expect(error.code).toBe('FIELD_CONFLICT');
  expect(error.failure.fieldConflicts).toEqual([
    { manager: 'kubectl-edit', field: '.spec.replicas' },
    { manager: 'hpa', field: '.spec.template.spec.containers[name="web"].image' },
  ]);
  expect(error.message).toContain('.spec.replicas is held by the field manager "kubectl-edit"');
});

test('several causes are several problems, each with its field', () => {
  const causes = [
    { reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.replicas' },
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.template.spec.containers' },
  ];
  expect(errorFor(422, 'Invalid', 'is invalid', { causes }).problems).toEqual([
    { message: 'Invalid value: -1', at: 'spec.replicas' },
    { message: 'Required value', at: 'spec.template.spec.containers' },
  ]);
});

test.each([
  ['', 'HTTP 502'],
  ['<html><body>Bad gateway</body></html>', 'HTTP 502'],
  ['upstream connect error\nsecond line', 'upstream connect error'],
  ['{"kind":"Other"}', '{"kind":"Other"}'],
])('an answer that is no Status: %j', (body, message) => {
  expect(parseRefusal(502, body)).toMatchObject({ status: 502, reason: '', message });
});

test('Retry-After comes from the header, else from the details', () => {
  const body = JSON.stringify({ kind: 'Status', details: { retryAfterSeconds: 4 } });
  expect(parseRefusal(429, body, '9').retryAfter).toBe(9);
  expect(parseRefusal(429, body).retryAfter).toBe(4);
  expect(parseRefusal(429, '{}').retryAfter).toBeUndefined();
});
