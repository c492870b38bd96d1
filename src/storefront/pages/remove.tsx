import { useState } from 'preact/hooks';
import { PageTitle } from '../parts/page.tsx';
import { TypeName } from '../parts/type-name.tsx';
import { Review } from '../plan/review.tsx';
import { type DeploymentName, withQuery } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** What goes and what stays. Data goes only where its name was typed. */
export function RemovePage({ name }: { readonly name: DeploymentName }) {
  const { t } = useShop();
  const [purge, setPurge] = useState(false);
  const [typed, setTyped] = useState('');
  return (
    <div class="narrow-page">
      <PageTitle text={t.deployment.removeTitle(name.name)} />
      <p class="lead">{t.deployment.removeLead}</p>
      <Review
        path={withQuery(`${deploymentPath(name)}/remove`, { cluster: name.cluster })}
        body={purge ? { purgeData: true } : {}}
        confirm={t.plan.confirmRemove}
        danger
        allowed={!purge || typed === name.name}
      >
        <fieldset class="group group-danger">
          <legend>{t.deployment.data}</legend>
          <label class="radio">
            <input
              type="checkbox"
              checked={purge}
              aria-describedby="purge-hint"
              onChange={(event) => {
                setPurge(event.currentTarget.checked);
                setTyped('');
              }}
            />
            {t.deployment.purge}
          </label>
          <p class="hint" id="purge-hint">
            {t.deployment.purgeHint}
          </p>
          {purge ? <TypeName id="purge-name" name={name.name} typed={typed} onType={setTyped} /> : null}
        </fieldset>
      </Review>
    </div>
  );
}
