import { connect } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { testKubeconfig } from './sandbox.ts';

/** Connects with a kubeconfig, the administrator's of this run unless another is given, and with nothing of the environment. */
export function testCluster(
  kubeconfig: string = testKubeconfig(),
  env: Readonly<Record<string, string>> = {},
  /** Milliseconds from now in which an outage is ridden out, as commands do it; none where not said. */
  patience = 0,
): Promise<Cluster> {
  const until = performance.now() + patience;
  return connect({
    ...{ kubeconfig, env, home: '/nonexistent', cwd: '/', userAgent: 'appstore/test' },
    patientUntil: () => until,
  });
}
