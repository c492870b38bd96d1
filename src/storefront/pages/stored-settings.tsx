import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { UserValues } from '../api/types.ts';
import { valueText } from '../form/words.ts';
import { Awaited } from '../parts/awaited.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { useLoad } from '../parts/use-load.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** What was set by a person, secrets masked; everything else is the app's own. */
export function StoredSettings({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const path = `${deploymentPath(name)}/values`;
  const values = useLoad(path, (signal) => api.get<UserValues>(path, { cluster: name.cluster }, signal));
  if (values.value === undefined) return <Awaited load={values} />;
  const leaves = leavesOf(values.value.values, []);
  const { secretRefs } = values.value;
  return (
    <section aria-label={t.deployment.tabs.settings}>
      <p class="quiet">{leaves.length === 0 ? t.deployment.settingsNone : t.deployment.settingsText}</p>
      <dl class="facts facts-wide">
        {leaves.map(([path_, value]) => (
          <div key={path_}>
            <dt>
              <code>{path_}</code>
            </dt>
            <dd>{valueText(value, t)}</dd>
          </div>
        ))}
        {secretRefs.map(({ path: at, secret, key }) => (
          <div key={at}>
            <dt>
              <code>{at}</code>
            </dt>
            <dd>
              Secret/{secret}:{key}
            </dd>
          </div>
        ))}
      </dl>
      <Link
        to={{ page: 'upgrade', cluster: name.cluster, namespace: name.namespace, name: name.name }}
        class="button"
      >
        <Icon name="change" size={18} /> {t.deployment.settingsEdit}
      </Link>
    </section>
  );
}

/** Every value with its path, maps taken apart. */
function leavesOf(values: JsonObject, path: readonly string[]): (readonly [string, Json])[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const here = [...path, name];
    if (isObject(value) && Object.keys(value).length > 0) return leavesOf(value, here);
    return value === undefined ? [] : [[here.join('.'), value] as const];
  });
}
