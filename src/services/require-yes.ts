import { AppstoreError } from '../domain/errors.ts';
import { displayId } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { ChangeRequest, Session } from './requests.ts';

/** What deletes objects to make them anew needs a yes, of a person or given beforehand. Throws CONFIRMATION_NEEDED. */
export function requireYes(plan: Plan, request: ChangeRequest, session: Session): void {
  const replaced = plan.objects.filter(({ action }) => action === 'replace');
  if (replaced.length === 0 || request.confirmed === true || session.ask !== undefined) return;
  throw new AppstoreError(
    'CONFIRMATION_NEEDED',
    `${replaced.map(({ ref }) => displayId(ref)).join(', ')}: to be deleted and made anew; nothing was written`,
  );
}
