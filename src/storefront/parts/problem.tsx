import type { ApiProblem } from '../api/problem.ts';
import { wordFor } from '../i18n/texts.ts';
import { type Shop, useShop } from '../shop.ts';
import { Icon } from './icons.tsx';
import { MarkdownText } from './markdown.tsx';
import { PageTitle } from './page.tsx';

/** What went wrong: in words, then the code and places for whoever wants them. */
export function ProblemBox({
  problem,
  retry,
}: {
  readonly problem: ApiProblem;
  readonly retry?: () => void;
}) {
  const { t } = useShop();
  return (
    <div class="notice notice-bad" role="alert">
      <Icon name="warn" />
      <div>
        <p class="notice-title">{titleOf(problem, t)}</p>
        <p>{problem.code === 'OFFLINE' ? t.problem.offlineText : <MarkdownText text={problem.message} />}</p>
        {problem.problems.length > 0 && (
          <ul class="plain">
            {problem.problems.map(({ at, message, hint }) => (
              <li key={`${at} ${message}`}>
                {at === undefined || message.startsWith(`${at}: `) ? null : <code>{at}</code>} {message}
                {hint === undefined ? null : (
                  <span class="quiet">
                    {' '}
                    <MarkdownText text={hint} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
        {problem.hint === '' ? null : (
          <p class="quiet">
            <MarkdownText text={problem.hint} />
          </p>
        )}
        <p class="row">
          {retry === undefined ? null : (
            <button type="button" class="button" onClick={retry}>
              {t.frame.retry}
            </button>
          )}
          {problem.code === 'OFFLINE' ? null : (
            <span class="quiet small">{t.problem.code(problem.code)}</span>
          )}
        </p>
      </div>
    </div>
  );
}

/** The same in the place of a page, which has a heading of its own to take the focus. */
export function ProblemPage({
  problem,
  retry,
}: {
  readonly problem: ApiProblem;
  readonly retry: () => void;
}) {
  const { t } = useShop();
  return (
    <>
      <PageTitle text={t.problem.title} />
      <ProblemBox problem={problem} retry={retry} />
    </>
  );
}

/** What a problem is called. Only a server that answered, and understood, can have said no. */
export function titleOf({ status, code }: ApiProblem, t: Shop['t']): string {
  if (code === 'OFFLINE') return t.problem.offline;
  const word = wordFor(t.problem.codes, code);
  if (word !== undefined) return word;
  if (status === 403) return t.problem.forbidden;
  if (status === 404) return t.problem.notFound;
  return status === 0 || status >= 500 ? t.problem.title : t.problem.refused;
}
