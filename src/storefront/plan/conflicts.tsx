import type { Plan } from '../api/types.ts';
import { useShop } from '../shop.ts';

/** Whose value a field gets, by `Kind/namespace/name:field`. */
export type Decisions = Readonly<Record<string, 'take' | 'yield'>>;

interface OpenConflict {
  readonly key: string;
  readonly label: string;
  readonly manager: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Fields that others hold and that nothing was chosen for. */
export function undecided(plan: Plan, decisions: Decisions): OpenConflict[] {
  return conflictsOf(plan).filter(({ key }) => decisions[key] === undefined);
}

function conflictsOf(plan: Plan): OpenConflict[] {
  return plan.objects.flatMap(({ kind, name, conflicts }) =>
    conflicts
      .filter(({ choice }) => choice === undefined)
      .map(({ field, manager, ours, theirs }) => ({
        key: `${kind}/${name}:${field}`,
        label: `${kind}/${name} ${field}`,
        manager,
        ours: shown(ours),
        theirs: shown(theirs),
      })),
  );
}

function shown(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Asks for each field that somebody else set, before anything can be written. */
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
  const open = conflictsOf(plan);
  if (open.length === 0) return null;
  return (
    <div class="conflicts">
      {open.map(({ key, label, manager, ours, theirs }) => (
        <fieldset class="group" key={key}>
          <legend>{t.plan.conflictField(label, manager)}</legend>
          {(['take', 'yield'] as const).map((choice) => (
            <label class="radio" key={choice}>
              <input
                type="radio"
                name={key}
                checked={decisions[key] === choice}
                onChange={() => onDecide({ ...decisions, [key]: choice })}
              />
              {choice === 'take' ? t.plan.take(ours) : t.plan.yield(theirs)}
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}
