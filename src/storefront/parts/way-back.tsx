import type { RevisionList } from '../api/types.ts';
import { deploymentPath } from '../pages/mine.tsx';
import { goodRevision } from '../plan/standing.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { Icon } from './icons.tsx';
import { Link } from './link.tsx';
import { useLoad } from './use-load.ts';

/** The revision to go back to; undefined where the newest works, or none ever did, and until it is known. */
export function useGoodRevision(name: DeploymentName): number | undefined {
  const { api } = useShop();
  const { cluster } = name;
  const path = `${deploymentPath(name)}/history`;
  const history = useLoad(`${cluster} ${path}`, (signal) => api.get<RevisionList>(path, { cluster }, signal));
  return goodRevision(history.value?.items ?? []);
}

/** The way back to the last revision that worked, where a newer one failed or was stopped. */
export function WayBack({ name }: { readonly name: DeploymentName }) {
  const revision = useGoodRevision(name);
  return revision === undefined ? null : <GoBack name={name} revision={revision} />;
}

export function GoBack({ name, revision }: { readonly name: DeploymentName; readonly revision: number }) {
  const { t } = useShop();
  return (
    <Link to={{ ...name, page: 'rollback', revision }} class="button">
      <Icon name="undo" size={18} /> {t.deployment.rollbackTo(revision)}
    </Link>
  );
}
