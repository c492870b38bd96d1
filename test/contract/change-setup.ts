import type { Cluster } from '../../src/services/ports.ts';

/** A cluster and a namespace of it that exists. */
export interface ChangeSetup {
  readonly cluster: Cluster;
  readonly namespace: string;
  dispose(): Promise<void>;
}
