import { displayId, type ObjectRef } from '../../domain/objects.ts';
import type { PlannedConflict } from '../../domain/plan.ts';
import { cleanLine } from '../../domain/text.ts';
import type { Io } from '../io.ts';
import { question } from './question.ts';

/** Asks whose value a field gets that another manager holds. */
export async function askConflict(
  io: Io,
  ref: ObjectRef,
  { field, manager, ours, theirs }: PlannedConflict,
): Promise<'take' | 'yield' | 'abort'> {
  const { select } = await import('@inquirer/prompts');
  const value = (one: unknown) => (one === undefined ? 'unknown' : cleanLine(JSON.stringify(one), 120));
  return question(io, (asking) =>
    select(
      {
        message: cleanLine(`${displayId(ref)}: ${field} is held by ${manager}`, 400),
        choices: [
          { name: `take: the value of the app, ${value(ours)}`, value: 'take' as const },
          { name: `yield: leave it as it is, ${value(theirs)}`, value: 'yield' as const },
          { name: 'abort: write nothing', value: 'abort' as const },
        ],
        default: 'abort',
      },
      asking,
    ),
  );
}
