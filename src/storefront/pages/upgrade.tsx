import { useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { App, InstallationStatus, OutdatedList, UserValues } from '../api/types.ts';
import { useDraft } from '../form/draft.ts';
import { changesOf } from '../form/edit.ts';
import { useSteps } from '../form/use-steps.ts';
import { ValuesForm } from '../form/values-form.tsx';
import { Awaited } from '../parts/awaited.tsx';
import { PageTitle } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { Steps } from '../parts/steps.tsx';
import { useLoad } from '../parts/use-load.ts';
import { Review } from '../plan/review.tsx';
import type { DeploymentName } from '../router.ts';
import { withQuery } from '../router.ts';
import { useShop } from '../shop.ts';
import { appPath } from './app.tsx';
import { SubmitBar } from './install.tsx';
import { deploymentPath } from './mine.tsx';

/** Another version, other settings, or both. */
export function UpgradePage({ name }: { readonly name: DeploymentName }) {
  const { api } = useShop();
  const { cluster } = name;
  const path = deploymentPath(name);
  const found = useLoad(`upgrade ${path} ${cluster}`, async (signal) => {
    const [status, values] = await Promise.all([
      api.get<InstallationStatus>(path, { cluster }, signal),
      api.get<UserValues>(`${path}/values`, { cluster }, signal),
    ]);
    const { catalog, app, namespace } = status.installation;
    const [{ versions }, outdated] = await Promise.all([
      api.get<App>(appPath(catalog, app), {}, signal),
      api.get<OutdatedList>('/outdated', { cluster, namespace }, signal).catch(() => undefined),
    ]);
    const latest = outdated?.items.find((item) => item.name === name.name)?.latest.version;
    return { status, values: values.values, versions, latest };
  });
  if (found.value === undefined) return <Awaited load={found} page />;
  return <Chosen name={name} {...found.value} />;
}

interface ChosenProps {
  readonly name: DeploymentName;
  readonly status: InstallationStatus;
  readonly values: JsonObject;
  readonly versions: App['versions'];
  /** What there is above the installed version; the list itself may begin with one that was taken back, or that is older. */
  readonly latest: string | undefined;
}

function Chosen({ name, status, values, versions, latest }: ChosenProps) {
  const { api, t } = useShop();
  const { catalog, app, version: now } = status.installation;
  const [version, setVersion] = useState(latest ?? now);
  const schema = useLoad(`schema ${catalog}/${app}@${version}`, (signal) =>
    api.get<JsonSchema>(`${appPath(catalog, app)}/schema`, { version }, signal),
  );
  const listed = versions.map((one) => one.version);
  const choices = listed.includes(now) ? listed : [...listed, now];
  const takenBack = new Set(versions.filter(({ yanked }) => yanked !== undefined).map((one) => one.version));
  const choice = (
    <div class="field">
      <label class="field-label" for="version">
        {t.app.version}
      </label>
      <select id="version" value={version} onChange={(event) => setVersion(event.currentTarget.value)}>
        {choices.map((one) => (
          <option key={one} value={one}>
            {one}
            {one === now ? ` (${t.deployment.sameVersion})` : ''}
            {takenBack.has(one) ? ` (${t.app.takenBack})` : ''}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <div class="narrow-page">
      <PageTitle text={t.deployment.upgradeTitle(name.name)} />
      {schema.value === undefined ? (
        <>
          {schema.problem === undefined ? null : choice}
          <Awaited load={schema} />
        </>
      ) : (
        <Change
          key={version}
          name={name}
          app={`${catalog}/${app}`}
          version={version}
          schema={schema.value}
          stored={values}
          choice={choice}
        />
      )}
    </div>
  );
}

interface ChangeProps {
  readonly name: DeploymentName;
  /** `catalog/name`. */
  readonly app: string;
  readonly version: string;
  readonly schema: JsonSchema;
  readonly stored: JsonObject;
  readonly choice: preact.ComponentChildren;
}

function Change({ name, app, version, schema, stored, choice }: ChangeProps) {
  const { t } = useShop();
  const draft = useDraft(schema, stored);
  const { tried, reviewing, refused, next, review } = useSteps(draft);
  const steps = [t.install.steps[0] ?? '', t.install.steps[1] ?? '', t.deployment.update];
  return (
    <>
      <p class="lead">{t.deployment.upgradeLead}</p>
      <Steps names={steps} at={reviewing ? 1 : 0} />
      {refused === undefined ? null : <ProblemBox problem={refused} />}
      {reviewing ? (
        <Review
          path={withQuery(`${deploymentPath(name)}/upgrade`, { cluster: name.cluster })}
          body={{ version, values: changesOf(stored, draft.given) }}
          confirm={t.plan.confirmUpgrade}
          kept={{
            operation: 'upgrade',
            app,
            cluster: name.cluster,
            namespace: name.namespace,
            name: name.name,
          }}
          {...review}
        />
      ) : (
        <form onSubmit={(event) => next(event)} noValidate>
          {choice}
          <h2>{t.install.settings}</h2>
          {schema.properties === undefined ? (
            <p class="quiet">{t.install.noSettings}</p>
          ) : (
            <ValuesForm {...draft.form} />
          )}
          <SubmitBar wrong={tried ? draft.wrong : 0} label={t.install.next} />
        </form>
      )}
    </>
  );
}
