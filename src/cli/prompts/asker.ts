import { parsePath, setPath } from '../../domain/given.ts';
import type { JsonObject } from '../../domain/json.ts';
import { displayId } from '../../domain/objects.ts';
import type { Plan, PlannedObject } from '../../domain/plan.ts';
import { cleanLine } from '../../domain/text.ts';
import type { Random } from '../../services/ports.ts';
import type { Asker, MissingValue } from '../../services/requests.ts';
import { canAsk, type Io } from '../io.ts';
import type { Options } from '../options.ts';
import type { Progress } from '../progress/progress.ts';
import { askAdopt } from './adopt.ts';
import { askConflict } from './conflict.ts';
import { askYesNo, question } from './question.ts';
import { askValue } from './value.ts';

export interface AskerSettings {
  readonly io: Io;
  readonly options: Options;
  readonly random: Random;
  readonly progress: Progress;
}

/**
 * Asks the person at the terminal; undefined where nobody is there to be asked. Questions go to stderr, so that stdout
 * stays the result's. `--yes` answers whether to go on, but never a question about data.
 */
export function createAsker(settings: AskerSettings): Asker | undefined {
  const { io, options, progress, random } = settings;
  if (!canAsk(io, options)) return undefined;
  return {
    async values(missing, app) {
      progress.pause();
      io.stderr.write(
        `${cleanLine(app.title)} needs ${missing.length === 1 ? 'a value' : `${missing.length} values`}.\n`,
      );
      return askAll(missing, (value) => askValue(value, { io, random }));
    },
    async confirm(plan) {
      progress.pause();
      const purges = options.purgeData === true || options.purgeCrds === true;
      const data = (plan.operation === 'remove' && purges) || plan.objects.some(replacesData);
      const beyond = (plan.beyond ?? []).length > 0 && options.allowClusterScope !== true;
      if (options.yes === true && !data && !beyond) return true;
      progress.showPlan(plan);
      return data ? confirmByName(io, plan) : confirmPlan(io, plan);
    },
    async conflict(ref, conflict) {
      progress.pause();
      return askConflict(io, ref, conflict);
    },
    async adopt(_ref, why) {
      progress.pause();
      return askAdopt(io, why);
    },
    async goOn(asked) {
      progress.pause();
      if (options.yes === true) return true;
      return askYesNo(io, cleanLine(asked, 400), false);
    },
  };
}

async function askAll(
  missing: readonly MissingValue[],
  ask: (value: MissingValue) => Promise<JsonObject[string]>,
): Promise<JsonObject> {
  let values: JsonObject = {};
  for (const value of missing) values = setPath(values, parsePath(value.path), (await ask(value)) ?? null);
  return values;
}

function replacesData({ action, ref }: PlannedObject): boolean {
  return action === 'replace' && ref.kind === 'PersistentVolumeClaim';
}

/** The question of a plan; one that deletes objects to make them anew says so. */
function questionOf(plan: Plan): string {
  if (plan.operation === 'remove') return 'Remove it?';
  const replaced = plan.objects.filter(({ action }) => action === 'replace').map(({ ref }) => displayId(ref));
  return replaced.length === 0 ? 'Go on?' : `Delete ${replaced.join(', ')}, make it anew, and go on?`;
}

async function confirmPlan(io: Io, plan: Plan): Promise<boolean> {
  const destroys = plan.objects.some(({ action }) => action === 'delete' || action === 'replace');
  const beyond = (plan.beyond ?? []).length > 0;
  return askYesNo(io, cleanLine(questionOf(plan), 400), !destroys && !beyond);
}

/** What cannot be brought back is confirmed by typing the name. */
async function confirmByName(io: Io, plan: Plan): Promise<boolean> {
  const { input } = await import('@inquirer/prompts');
  const name = cleanLine(plan.target.name);
  const message = `This deletes its data for ever. Type \`${name}\` to go on:`;
  const typed = await question(io, (asking) => input({ message }, asking));
  return typed.trim() === plan.target.name;
}
