import { useState } from 'preact/hooks';
import type { Plan } from '../api/types.ts';
import { useShop } from '../shop.ts';
import { conflictsOf, type Decisions } from './decisions.ts';

/** Asks for each field that somebody else set, before anything can be written. A button makes the plan anew: until then, and then, each can be changed. */
export function Conflicts({
  plan,
  decisions,
  onDecide,
}: {
  readonly plan: Plan;
  readonly decisions: Decisions;
  onDecide(decisions: Decisions): void;
}) {
  const { t } = useShop();
  const [picked, setPicked] = useState(decisions);
  const conflicts = conflictsOf(plan, decisions);
  if (conflicts.length === 0) return null;
  const isComplete = conflicts.every(({ key }) => picked[key] !== undefined);
  const isOther = conflicts.some(({ key }) => picked[key] !== decisions[key]);
  return (
    <div class="conflicts">
      {conflicts.map(({ key, label, manager, ours, theirs }) => (
        <fieldset class="group" key={key}>
          <legend>{t.plan.conflictField(label, manager)}</legend>
          {(['take', 'yield'] as const).map((choice) => (
            <label class="radio" key={choice}>
              <input
                type="radio"
                name={key}
                checked={picked[key] === choice}
                onChange={() => setPicked({ ...picked, [key]: choice })}
              />
              {choice === 'take' ? t.plan.take(ours) : t.plan.yield(theirs)}
            </label>
          ))}
        </fieldset>
      ))}
      <p>
        <button
          type="button"
          class="button"
          disabled={!isComplete || !isOther}
          onClick={() => onDecide({ ...decisions, ...picked })}
        >
          {t.plan.decide}
        </button>
      </p>
    </div>
  );
}
