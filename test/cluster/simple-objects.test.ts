import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { fieldManager } from '../../src/domain/ownership.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { testCluster } from '../support/connect.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { simpleSamples } from '../support/simple-samples.ts';

/** Holds what we vouch for without asking (`surelyValid`) against the answers of a real API server. */
describe('simple objects on a real API server', () => {
  let cluster: Cluster;
  let namespace: string;
  beforeAll(async () => {
    [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  });
  afterAll(() => cluster.close());

  test.for(simpleSamples)('$title: the server $server it', async ({ object, server }) => {
    const placed: KubeObject = { ...object, metadata: { ...object.metadata, namespace } };
    const answer = await cluster.applyMetadata(placed, { fieldManager, dryRun: true }).then(
      () => 'takes',
      () => 'refuses',
    );
    expect(answer).toBe(server);
  });
});
