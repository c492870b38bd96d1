import type { ComponentChildren } from 'preact';
import type { Plan } from '../api/types.ts';
import { Icon, type IconName } from '../parts/icons.tsx';
import { useShop } from '../shop.ts';
import { type Sentence, type Tone, tellPlan, writes } from './story.ts';
import { Technical } from './technical.tsx';

/** A plan: where, in plain words, and the technical one a click away. `children`: what stands between. */
export function PlanView({ plan, children }: { readonly plan: Plan; readonly children?: ComponentChildren }) {
  const { t } = useShop();
  return (
    <>
      <p class="quiet">{whereText(plan, t)}</p>
      <Story plan={plan} />
      {children}
      <Technical plan={plan} />
    </>
  );
}

function whereText({ target }: Plan, t: ReturnType<typeof useShop>['t']): string {
  const { name, namespace, context } = target;
  return context === '' ? t.plan.whereShort(name, namespace) : t.plan.where(name, namespace, context);
}

const tones: Readonly<Record<Tone, IconName>> = {
  add: 'plus',
  change: 'change',
  take: 'trash',
  keep: 'keep',
  warn: 'warn',
  info: 'info',
};

/** A plan as sentences. */
function Story({ plan }: { readonly plan: Plan }) {
  const { t } = useShop();
  const sentences: readonly Sentence[] = writes(plan)
    ? tellPlan(plan, t)
    : [
        { tone: 'info', text: t.plan.nothing, more: [] },
        ...tellPlan(plan, t).filter(({ tone }) => tone === 'warn'),
      ];
  return (
    <ul class="story">
      {sentences.map(({ tone, text, more }) => (
        <li key={text} class={`tone-${tone}`}>
          <span class="tone" aria-hidden="true">
            <Icon name={tones[tone]} size={18} />
          </span>
          <div>
            <p>{text}</p>
            {more.length === 0 ? null : (
              <ul class="plain quiet small">
                {more.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
