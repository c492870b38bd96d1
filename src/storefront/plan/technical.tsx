import type { Plan, PlannedObject } from '../api/types.ts';
import { said } from '../i18n/said.ts';
import { useShop } from '../shop.ts';
import { nameOf } from './story.ts';

/** The plan as the command line shows it: every object, what is done to it, and each field that changes. */
export function Technical({ plan }: { readonly plan: Plan }) {
  const { t } = useShop();
  const shown = plan.objects.filter(({ action }) => action !== 'unchanged');
  const unchanged = plan.objects.length - shown.length;
  return (
    <details class="fold technical">
      <summary>
        {t.plan.technical} <span class="quiet">{t.plan.technicalHint(plan.objects.length)}</span>
      </summary>
      <ul class="objects">
        {shown.map((object) => (
          <ObjectLine key={nameOf(object, '')} object={object} namespace={plan.target.namespace} />
        ))}
      </ul>
      {unchanged === 0 ? null : <p class="quiet small">{t.plan.showUnchanged(unchanged)}</p>}
    </details>
  );
}

function ObjectLine({ object, namespace }: { readonly object: PlannedObject; readonly namespace: string }) {
  const { t } = useShop();
  const { action, reason, changes } = object;
  const name = nameOf(object, namespace);
  return (
    <li>
      <span class={`badge action-${action}`}>{t.plan.actions[action]}</span> <code>{name}</code>
      {reason === '' || action === 'create' ? null : <span class="quiet small"> {said(reason, t)}</span>}
      {changes.length === 0 || action === 'create' ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <div class="wide" tabIndex={0}>
          <table class="diff">
            <caption class="unseen">{name}</caption>
            <thead>
              <tr>
                <th scope="col">{t.plan.field}</th>
                <th scope="col">{t.plan.before}</th>
                <th scope="col">{t.plan.after}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ path, before, after }) => (
                <tr key={path}>
                  <th scope="row">{path}</th>
                  <td>{before === undefined ? null : <del>{textOf(before)}</del>}</td>
                  <td>{after === undefined ? null : <ins>{textOf(after)}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </li>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 1);
}
