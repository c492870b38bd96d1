import { describe, expect, it } from 'vitest';
import type { CauseCode } from '../../src/domain/health.ts';
import { pullCause, refusalCause, schedulingCause } from '../../src/domain/pod-health.ts';

// Messages of containerd and CRI-O as kubelet passes them on.
const pulls: readonly [string, CauseCode][] = [
  [
    'failed to resolve reference "docker.io/library/nginx:nope": docker.io/library/nginx:nope: not found',
    'IMAGE_PULL_NOT_FOUND',
  ],
  ['reading manifest v9 in quay.io/x/y: manifest unknown', 'IMAGE_PULL_NOT_FOUND'],
  [
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    'IMAGE_PULL_AUTH',
  ],
  [
    'failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized',
    'IMAGE_PULL_AUTH',
  ],
  ['dial tcp: lookup registry.example.com on 10.0.0.10:53: no such host', 'IMAGE_PULL_NETWORK'],
  ['toomanyrequests: You have reached your pull rate limit', 'IMAGE_PULL_NETWORK'],
  ['net/http: TLS handshake timeout', 'IMAGE_PULL_NETWORK'],
  ['Back-off pulling image "app:1.401"', 'NOT_READY'],
];

describe('what messages mean', () => {
  it.each(pulls)('%s -> %s', (message, cause) => {
    expect(pullCause(message)).toBe(cause);
  });

  it.each([
    ['0/3 nodes are available: 1 node(s) had untolerated taint, 2 Insufficient cpu.', 'UNSCHEDULABLE_CPU'],
    ['0/1 nodes are available: 1 Insufficient memory.', 'UNSCHEDULABLE_MEMORY'],
    ['0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'VOLUME_UNBOUND'],
    ['persistentvolumeclaim "data" not found', 'VOLUME_UNBOUND'],
    ["0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", 'UNSCHEDULABLE'],
  ])('%s -> %s', (message, cause) => {
    expect(schedulingCause(message)).toBe(cause);
  });

  it.each([
    ['pods "x" is forbidden: exceeded quota: small, requested: cpu=2', 'QUOTA_EXCEEDED'],
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest"', 'ADMISSION_DENIED'],
    ['admission webhook "v.example.com" denied the request: no', 'ADMISSION_DENIED'],
    ['Internal error occurred: etcd is slow', undefined],
  ])('%s -> %s', (message, cause) => {
    expect(refusalCause(message)).toBe(cause);
  });
});
