import { fitsPattern, type ObjectPattern } from './object-pattern.ts';
import type { ObjectId } from './objects.ts';

/** Which existing objects are adopted: everything that may be, or those that were named. */
export type AdoptChoice = 'all' | readonly ObjectPattern[];

/** True where an object was chosen for adoption. */
export function isAdopted(choice: AdoptChoice, id: ObjectId): boolean {
  return choice === 'all' || choice.some((pattern) => fitsPattern(pattern, id));
}

/** Why the plan changes an object that it adopts. */
export function adoptedReason(managers: readonly string[]): string {
  return managers.length === 0 ? 'adopted' : `adopted from ${managers.join(', ')}`;
}
