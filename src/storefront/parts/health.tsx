import type { InstallationStatus } from '../api/types.ts';
import { useShop } from '../shop.ts';
import { Icon } from './icons.tsx';

export type HealthName = InstallationStatus['health'] | 'unknown';

/** How something is: by colour, shape and word. */
export function Health({ health }: { readonly health: HealthName }) {
  const { t } = useShop();
  const icon = health === 'healthy' ? 'check' : health === 'unhealthy' ? 'warn' : 'clock';
  return (
    <span class={`health health-${health}`}>
      <Icon name={icon} size={16} /> {t.mine.health[health]}
    </span>
  );
}
