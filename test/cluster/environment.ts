import { join } from 'node:path';
import { inject } from 'vitest';

/** Every test of the cluster project runs with an empty home and a KUBECONFIG that is a trap. */
const { home, trap } = inject('sandbox');
Object.assign(process.env, {
  HOME: home,
  KUBECONFIG: trap,
  XDG_CONFIG_HOME: join(home, '.config'),
  XDG_CACHE_HOME: join(home, '.cache'),
  XDG_DATA_HOME: join(home, '.local/share'),
  XDG_STATE_HOME: join(home, '.local/state'),
  NO_COLOR: '1',
});
for (const name of [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'http_proxy',
  'https_proxy',
  'KUBERNETES_SERVICE_HOST',
  'CI',
]) {
  delete process.env[name];
}
