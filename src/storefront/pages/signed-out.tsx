import type { ApiProblem } from '../api/problem.ts';
import type { Texts } from '../i18n/en.ts';
import { Icon } from '../parts/icons.tsx';
import { titleOf } from '../parts/problem.tsx';

/** Shown instead of everything where nobody is signed in, or the server cannot be reached at all. */
export function SignedOut({
  problem,
  ended,
  t,
}: {
  readonly problem: ApiProblem;
  /** A session that was there has ended: there may be a form to come back to. */
  readonly ended: boolean;
  readonly t: Texts;
}) {
  const isOut = problem.status === 401;
  const login = loginOf(problem.body);
  return (
    <main class="gate">
      <span class="brand-mark brand-mark-large" aria-hidden="true">
        <Icon name="box" size={36} />
      </span>
      <h1>{isOut ? t.problem.signedOut : titleOf(problem, t)}</h1>
      {isOut ? (
        <>
          <p>{t.problem.signedOutText}</p>
          {login === undefined ? (
            <>
              <p>{t.problem.signedOutLaptop}</p>
              <p>{t.problem.signedOutStart}</p>
              <pre>
                <code>appstore serve</code>
              </pre>
              {ended ? <GoOn t={t} /> : null}
            </>
          ) : (
            <p>
              <a class="button button-main button-large" href={login}>
                {t.problem.signIn}
              </a>
            </p>
          )}
        </>
      ) : (
        <>
          <p>{problem.code === 'OFFLINE' ? t.problem.offlineText : problem.message}</p>
          <p>
            <button type="button" class="button" onClick={() => location.reload()}>
              {t.frame.retry}
            </button>
          </p>
        </>
      )}
    </main>
  );
}

/** The link logs in a tab of its own: this one goes on with what was filled in. */
function GoOn({ t }: { readonly t: Texts }) {
  return (
    <>
      <p>{t.problem.signedInAgain}</p>
      <p>
        <button type="button" class="button" onClick={() => location.reload()}>
          {t.problem.goOn}
        </button>
      </p>
    </>
  );
}

/** Where one signs in: a path of this server, and nothing else. */
function loginOf(body: unknown): string | undefined {
  const login = typeof body === 'object' && body !== null && 'login' in body ? body.login : undefined;
  return typeof login === 'string' && /^\/(?![/\\])/.test(login) ? login : undefined;
}
