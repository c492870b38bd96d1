import { cleanLine } from '../../domain/text.ts';
import type { Io } from '../io.ts';
import { askYesNo } from './question.ts';

/** Asks whether an object that exists already becomes part of the app; `--yes` does not answer it. */
export async function askAdopt(io: Io, why: string): Promise<boolean> {
  return askYesNo(io, `${cleanLine(why, 400)}. Make it part of the app?`, false);
}
