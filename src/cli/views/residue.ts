import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { residueOutput } from '../../outputs/residue.ts';
import type { ForgetResult, VerifyReport } from '../../services/requests.ts';
import type { ResultView } from './print.ts';

/** What is left of an installation. */
export function verifyView(report: VerifyReport): ResultView {
  const { name, namespace, left, unread } = report;
  const what = `${cleanLine(name)} in namespace ${cleanLine(namespace)}`;
  const blind =
    unread.length === 0 ? [] : [`You may not look at: ${unread.map((kind) => cleanLine(kind)).join(', ')}.`];
  return {
    data: residueOutput(report),
    names: () => left.map(({ ref }) => displayId(ref)),
    text: () =>
      [
        left.length === 0 ? `Nothing is left of ${what}.` : `Left of ${what}:`,
        ...left.map(({ ref, reason }) => `  ${cleanLine(displayId(ref))}  ${cleanLine(reason)}`),
        ...blind,
      ].join('\n'),
  };
}

/** What came of forgetting an installation. */
export function forgetView({ record, kept }: ForgetResult): ResultView {
  const { name, namespace } = record;
  return {
    data: { apiVersion, kind: 'Forgotten', name, namespace, revisions: record.revisions.length, kept },
    names: () => [name],
    text: () =>
      `${cleanLine(name)} in namespace ${cleanLine(namespace)} is forgotten; ${kept.length} objects stay and nobody manages them.`,
  };
}
