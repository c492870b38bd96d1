import { describe } from 'vitest';
import { accessContract } from './cluster-access.ts';
import { applyContract } from './cluster-apply.ts';
import { deleteContract } from './cluster-delete.ts';
import { discoveryContract } from './cluster-discovery.ts';
import { readContract } from './cluster-read.ts';
import { watchContract } from './cluster-watch.ts';
import { writeContract } from './cluster-write.ts';
import type { ContractSetup } from './setup.ts';

/**
 * Every promise of the `Cluster` port, as tests that pass on any implementation of it: on the in-memory cluster and on a real
 * API server with its controllers.
 * @param make Makes a cluster with a namespace of its own; called once for each part of the suite.
 */
export function clusterContract(name: string, make: () => Promise<ContractSetup>): void {
  describe(`Cluster: ${name}`, () => {
    readContract(make);
    writeContract(make);
    applyContract(make);
    deleteContract(make);
    watchContract(make);
    discoveryContract(make);
    accessContract(make);
  });
}
