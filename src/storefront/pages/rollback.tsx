import { PageTitle } from '../parts/page.tsx';
import { Review } from '../plan/review.tsx';
import { type Route, withQuery } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** Back to how it was: the plan, then the yes. */
export function RollbackPage({ route }: { readonly route: Extract<Route, { readonly page: 'rollback' }> }) {
  const { t } = useShop();
  const { cluster, name, revision } = route;
  return (
    <div class="narrow-page">
      <PageTitle text={t.deployment.rollbackTitle(name, revision)} />
      <Review
        path={withQuery(`${deploymentPath(route)}/rollback`, { cluster })}
        body={{ revision }}
        confirm={t.plan.confirmRollback}
        kept={{ operation: 'rollback', cluster, namespace: route.namespace, name }}
      />
    </div>
  );
}
