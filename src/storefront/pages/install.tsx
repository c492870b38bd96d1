import { useState } from 'preact/hooks';
import { checkInstallationName, checkNamespaceName, suggestInstallationName } from '../../domain/names.ts';
import type { App } from '../api/types.ts';
import { useDraft } from '../form/draft.ts';
import { KeptNotice } from '../form/kept-notice.tsx';
import { useKeeping, useKept } from '../form/use-kept.ts';
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
  const [round, setRound] = useState(0);
  if (app.value === undefined) return <Awaited load={app} page />;
  return <Install key={round} app={app.value} route={route} onAfresh={() => setRound(round + 1)} />;
}

interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** Nothing is stored of what is not installed yet. */
const nothing = {};

function Install({
  app,
  route,
  onAfresh,
}: {
  readonly app: App;
  readonly route: InstallRoute;
  onAfresh(): void;
}) {
  const { t, cluster } = useShop();
  const kept = useKept(`install ${app.catalog}/${app.name}`);
  const draft = useDraft(app.schema, nothing, { from: kept.found?.answers });
  const [usual] = useState<Place>(() => ({
    name: suggestInstallationName(app.name),
    namespace: remembered('namespace') || 'default',
  }));
  const [place, setPlace] = useState<Place>({ ...usual, ...kept.found?.more });
  useKeeping(kept, app.schema, draft.answers, otherThan(usual, place));
  const wrongName = checkInstallationName(place.name) !== undefined;
  const wrongSpace = checkNamespaceName(place.namespace) !== undefined;
  const wrong = draft.wrong + (wrongName ? 1 : 0) + (wrongSpace ? 1 : 0);
  const { tried, reviewing, refused, next, review } = useSteps(draft, () => {
    if (wrongName || wrongSpace) document.getElementById(wrongName ? 'place-name' : 'place-space')?.focus();
    return wrongName || wrongSpace;
  });
  const submit = (event: Event) => {
    if (next(event)) remember('namespace', place.namespace);
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
              {app.title} {app.version}
            </Link>
            {['', app.version].includes(app.appVersion) ? '' : ` (${t.app.runs(app.appVersion)})`}
          </p>
        </div>
      </header>
      <Steps names={t.install.steps} at={reviewing ? 1 : 0} />
      {reviewing ? null : (
        <KeptNotice
          kept={kept.found}
          onAfresh={() => {
            kept.forget();
            onAfresh();
          }}
        />
      )}
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
          onDone={kept.forget}
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
              <p class="quiet">
                {draft.needed === 0 ? t.install.settingsHint : t.install.settingsNeeded(draft.needed)}
              </p>
              <ValuesForm {...draft.form} />
            </>
          )}
          <SubmitBar wrong={tried ? wrong : 0} label={t.install.next} />
        </form>
      )}
    </div>
  );
}

/** What of a place is not the usual one. */
function otherThan(usual: Place, place: Place): Partial<Record<keyof Place, string>> {
  return {
    ...(place.name === usual.name ? {} : { name: place.name }),
    ...(place.namespace === usual.namespace ? {} : { namespace: place.namespace }),
  };
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
