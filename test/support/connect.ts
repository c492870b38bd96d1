import { connect } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { testKubeconfig } from './sandbox.ts';

/** Connects with a kubeconfig, the administrator's of this run unless another is given, and with nothing of the environment. */
export function testCluster(
  kubeconfig: string = testKubeconfig(),
  env: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  return connect({ kubeconfig, env, home: '/nonexistent', cwd: '/', userAgent: 'appstore/test' });
}
