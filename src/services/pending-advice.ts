import type { PendingOperation } from '../domain/release.ts';
import type { InstallationName } from './requests.ts';

/** The commands that go on with an operation that was cut, and that go back from it. */
export interface PendingAdvice {
  readonly goOn: string;
  readonly goBack?: string;
}

/** What to run where an operation is pending and nobody is at it any more. */
export function pendingAdvice(
  { name, namespace }: InstallationName,
  pending: PendingOperation,
): PendingAdvice {
  const command = (text: string) => `appstore ${text} -n ${namespace}`;
  const remove = command(`remove ${name}`);
  const back = command(`adopt --back ${name}`);
  if (pending.operation === 'return') return { goOn: back };
  if (pending.operation === 'adopt') return { goOn: command(`adopt ${name}`), goBack: back };
  // Revision 0 of a rollback is the taking back of a first install.
  if (pending.operation === 'remove' || pending.revision === 0) return { goOn: remove };
  if (pending.operation === 'install') return { goOn: command(`upgrade ${name}`), goBack: remove };
  return { goOn: command(`${pending.operation} ${name}`), goBack: command(`upgrade ${name} --undo`) };
}
