import { useState } from 'preact/hooks';
import { checkInstallationName, checkNamespaceName, suggestInstallationName } from '../../domain/names.ts';
import type { App } from '../api/types.ts';
import { useDraft } from '../form/draft.ts';
import { useSteps } from '../form/use-steps.ts';
import { ValuesForm } from '../form/values-form.tsx';
import { AppIcon } from '../parts/app-icon.tsx';
import { Awaited } from '../parts/awaited.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { PageTitle } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { Steps } from '../parts/steps.tsx';
import { useLoad } from '../parts/use-load.ts';
import { Review } from '../plan/review.tsx';
import type { Route } from '../router.ts';
import { useShop } from '../shop.ts';
import { remember, remembered } from '../theme.ts';
import { appPath } from './app.tsx';

type InstallRoute = Extract<Route, { readonly page: 'install' }>;

/** From an app to an installation: the questions, the plan, the yes. */
export function InstallPage({ route }: { readonly route: InstallRoute }) {
  const { api } = useShop();
  const app = useLoad(`${route.catalog}/${route.app}@${route.version ?? ''}`, (signal) =>
    api.get<App>(appPath(route.catalog, route.app), { version: route.version }, signal),
  );
  if (app.value === undefined) return <Awaited load={app} page />;
  return <Install app={app.value} route={route} />;
}

interface Place {
  readonly name: string;
  readonly namespace: string;
}

function Install({ app, route }: { readonly app: App; readonly route: InstallRoute }) {
  const { t, cluster } = useShop();
  const draft = useDraft(app.schema, {});
  const [place, setPlace] = useState<Place>({
    name: suggestInstallationName(app.name),
    namespace: remembered('namespace') || 'default',
  });
  const { tried, reviewing, refused, next, review } = useSteps(draft);
  const wrongName = checkInstallationName(place.name) !== undefined;
  const wrongSpace = checkNamespaceName(place.namespace) !== undefined;
  const wrong = draft.wrong + (wrongName ? 1 : 0) + (wrongSpace ? 1 : 0);
  const submit = (event: Event) => {
    const goesOn = next(event, () => {
      if (wrongName || wrongSpace) document.getElementById(wrongName ? 'place-name' : 'place-space')?.focus();
      return wrongName || wrongSpace;
    });
    if (goesOn) remember('namespace', place.namespace);
  };
  const version = route.version === undefined ? {} : { version: route.version };
  return (
    <div class="narrow-page">
      <header class="form-head">
        <AppIcon catalog={app.catalog} app={app.name} title={app.title} version={app.version} />
        <div>
          <PageTitle text={t.install.title(app.title)} />
          <p class="quiet">
            <Link to={{ page: 'app', catalog: app.catalog, app: app.name, ...version }}>
              {app.title} {app.appVersion === '' ? app.version : app.appVersion}
            </Link>
          </p>
        </div>
      </header>
      <Steps names={t.install.steps} at={reviewing ? 1 : 0} />
      {refused === undefined ? null : <ProblemBox problem={refused} />}
      {reviewing ? (
        <Review
          path="/deploy"
          body={{
            app: `${app.catalog}/${app.name}`,
            version: app.version,
            ...place,
            createNamespace: true,
            values: draft.given,
            ...(cluster === '' ? {} : { cluster }),
          }}
          confirm={t.plan.confirmInstall}
          kept={{ operation: 'install', app: `${app.catalog}/${app.name}`, cluster, ...place }}
          {...review}
        />
      ) : (
        <form onSubmit={submit} noValidate>
          <fieldset class="group">
            <legend>{t.install.place}</legend>
            <PlaceField
              id="place-name"
              label={t.install.name}
              hint={t.install.nameHint}
              value={place.name}
              wrong={wrongName && (tried || place.name !== '') ? t.install.badName : undefined}
              onInput={(name) => setPlace({ ...place, name })}
            />
            <PlaceField
              id="place-space"
              label={t.install.space}
              hint={t.install.spaceHint}
              value={place.namespace}
              wrong={wrongSpace && (tried || place.namespace !== '') ? t.install.badName : undefined}
              onInput={(namespace) => setPlace({ ...place, namespace })}
            />
          </fieldset>
          <h2>{t.install.settings}</h2>
          {app.schema.properties === undefined ? (
            <p class="quiet">{t.install.noSettings}</p>
          ) : (
            <>
              <p class="quiet">{t.install.settingsHint}</p>
              <ValuesForm {...draft.form} />
            </>
          )}
          <SubmitBar wrong={tried ? wrong : 0} label={t.install.next} />
        </form>
      )}
    </div>
  );
}

/** The way on, always in sight, with how much keeps from it. */
export function SubmitBar({ wrong, label }: { readonly wrong: number; readonly label: string }) {
  const { t } = useShop();
  return (
    <div class="actions actions-stick">
      <p class="wrong" role="status">
        {wrong === 0 ? null : t.install.fixFirst(wrong)}
      </p>
      <button type="submit" class="button button-main button-large">
        {label} <Icon name="next" size={18} />
      </button>
    </div>
  );
}

function PlaceField(props: {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly wrong: string | undefined;
  onInput(text: string): void;
}) {
  const { id, label, hint, value, wrong, onInput } = props;
  return (
    <div class={`field${wrong === undefined ? '' : ' field-wrong'}`}>
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        value={value}
        autoComplete="off"
        autoCapitalize="none"
        spellcheck={false}
        aria-describedby={`${id}-hint${wrong === undefined ? '' : ` ${id}-wrong`}`}
        aria-invalid={wrong !== undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {wrong === undefined ? null : (
        <p class="wrong" id={`${id}-wrong`}>
          <Icon name="warn" size={16} /> {wrong}
        </p>
      )}
    </div>
  );
}
