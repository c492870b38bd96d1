import { useMemo, useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import type { JsonObject } from '../../domain/json.ts';
import { missingGenerated } from '../../domain/values.ts';
import { newerVersion } from '../../domain/versions.ts';
import type { App, InstallationStatus, UserValues } from '../api/types.ts';
import { useDraft } from '../form/draft.ts';
import { KeptNotice } from '../form/kept-notice.tsx';
import { type KeptAnswers, useKeeping, useKept } from '../form/use-kept.ts';
import { useSteps } from '../form/use-steps.ts';
import { ValuesForm } from '../form/values-form.tsx';
import { Awaited } from '../parts/awaited.tsx';
import { PageTitle } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { Steps } from '../parts/steps.tsx';
import { type Load, useLoad } from '../parts/use-load.ts';
import { Review } from '../plan/review.tsx';
import type { DeploymentName } from '../router.ts';
import { withQuery } from '../router.ts';
import { useShop } from '../shop.ts';
import { appPath } from './app.tsx';
import { SubmitBar } from './install.tsx';
import { deploymentPath } from './mine.tsx';

interface Found {
  readonly status: InstallationStatus;
  readonly values: JsonObject;
  readonly versions: App['versions'];
  /** Of the version that runs; absent where its catalog has it no more. */
  readonly before: JsonSchema | undefined;
}

/** Another version, other settings, or both. */
export function UpgradePage({ name }: { readonly name: DeploymentName }) {
  const { api } = useShop();
  const { cluster } = name;
  const path = deploymentPath(name);
  const [round, setRound] = useState(0);
  const found = useLoad(`upgrade ${path} ${cluster}`, async (signal): Promise<Found> => {
    const [status, values] = await Promise.all([
      api.get<InstallationStatus>(path, { cluster }, signal),
      api.get<UserValues>(`${path}/values`, { cluster }, signal),
    ]);
    const { catalog, app, version } = status.installation;
    const [{ versions }, before] = await Promise.all([
      api.get<App>(appPath(catalog, app), {}, signal),
      api.get<JsonSchema>(`${appPath(catalog, app)}/schema`, { version }, signal).catch(() => undefined),
    ]);
    return { status, values: values.values, versions, before };
  });
  if (found.value === undefined) return <Awaited load={found} page />;
  return <Chosen key={round} name={name} onAfresh={() => setRound(round + 1)} {...found.value} />;
}

/** A schema, and the version that it is of: it stays in sight while that of another is on its way. */
interface Loaded {
  readonly version: string;
  readonly schema: JsonSchema;
}

function Chosen({
  name,
  status,
  values,
  versions,
  before,
  onAfresh,
}: Found & { readonly name: DeploymentName; onAfresh(): void }) {
  const { api, t } = useShop();
  const { catalog, app, version: now } = status.installation;
  const named = versions.map(({ version }) => version);
  const choices = named.includes(now) ? named : [...named, now];
  const takenBack = new Set(versions.filter(({ yanked }) => yanked !== undefined).map((one) => one.version));
  const kept = useKept(`upgrade ${name.cluster}/${name.namespace}/${name.name}`);
  // What `upgrade` would take by itself (docs/decisions/0057).
  const offered = newerVersion(versions, now)?.version ?? now;
  const [version, setVersion] = useState(
    () => choices.find((one) => one === kept.found?.more.version) ?? offered,
  );
  const loaded = useLoad(
    `schema ${catalog}/${app}@${version}`,
    async (signal): Promise<Loaded> => ({
      version,
      schema: await api.get<JsonSchema>(`${appPath(catalog, app)}/schema`, { version }, signal),
    }),
    { keep: true },
  );
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
      {loaded.value === undefined ? (
        <>
          {loaded.problem === undefined ? null : choice}
          <Awaited load={loaded} />
        </>
      ) : (
        <Change
          name={name}
          app={`${catalog}/${app}`}
          version={version}
          isOther={version !== offered}
          loaded={loaded.value}
          load={loaded}
          stored={values}
          before={before}
          choice={choice}
          kept={kept}
          onAfresh={() => {
            kept.forget();
            onAfresh();
          }}
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
  /** Another version than the one that is offered was chosen. */
  readonly isOther: boolean;
  readonly loaded: Loaded;
  readonly load: Load<Loaded>;
  readonly stored: JsonObject;
  readonly before: JsonSchema | undefined;
  readonly choice: preact.ComponentChildren;
  readonly kept: KeptAnswers;
  onAfresh(): void;
}

function Change(props: ChangeProps) {
  const { name, app, version, isOther, loaded, load, stored, before, choice, kept } = props;
  const { t } = useShop();
  const { schema } = loaded;
  const made = useMemo(
    () => new Set(before === undefined ? [] : missingGenerated(before, stored, {}).map(({ path }) => path)),
    [before, stored],
  );
  const draft = useDraft(schema, stored, { from: kept.found?.answers, made });
  useKeeping(kept, schema, draft.answers, isOther ? { version } : {});
  const { tried, reviewing, refused, next, review } = useSteps(draft);
  const isReady = loaded.version === version;
  const steps = [t.install.steps[0] ?? '', t.install.steps[1] ?? '', t.deployment.update];
  return (
    <>
      <p class="lead">{t.deployment.upgradeLead}</p>
      <Steps names={steps} at={reviewing ? 1 : 0} />
      {reviewing ? null : <KeptNotice kept={kept.found} onAfresh={props.onAfresh} />}
      {refused === undefined ? null : <ProblemBox problem={refused} />}
      {reviewing ? (
        <Review
          path={withQuery(`${deploymentPath(name)}/upgrade`, { cluster: name.cluster })}
          body={{ version, values: draft.answers }}
          confirm={t.plan.confirmUpgrade}
          kept={{
            operation: 'upgrade',
            app,
            cluster: name.cluster,
            namespace: name.namespace,
            name: name.name,
          }}
          onDone={kept.forget}
          {...review}
        />
      ) : (
        <form
          onSubmit={(event) => {
            if (isReady) next(event);
            else event.preventDefault();
          }}
          noValidate
        >
          {choice}
          {isReady ? (
            <>
              <h2>{t.install.settings}</h2>
              {schema.properties === undefined ? (
                <p class="quiet">{t.install.noSettings}</p>
              ) : (
                <ValuesForm key={version} {...draft.form} />
              )}
              <SubmitBar wrong={tried ? draft.wrong : 0} label={t.install.next} />
            </>
          ) : (
            <Awaited load={{ ...load, value: undefined }} />
          )}
        </form>
      )}
    </>
  );
}
