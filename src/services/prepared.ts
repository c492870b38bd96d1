import type { ClusterFacts, Package, StoredPackage, UserOptions } from '../domain/app.ts';
import type { Problem } from '../domain/errors.ts';
import type { Masker } from '../domain/masking.ts';
import type { ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord, PendingOperation, RevisionHead } from '../domain/release.ts';
import type { Rendered } from '../domain/rendered.ts';
import type { EarlyReads } from './early-reads.ts';
import type { Generated } from './generated.ts';
import type { ChangeRequest } from './requests.ts';

/** Everything that is known before the plan: the package, the options, and what they render to. */
export interface Prepared {
  /** What is done: an operation that was cut goes on as what it was, whatever command found it. */
  readonly operation: ChangeRequest['operation'];
  /** What the operation takes over from the one that it goes on with, or goes back to. */
  readonly carried?: Pick<PendingOperation, 'journal' | 'target'>;
  /** True where it goes on with the pending operation. */
  readonly resumed?: boolean;
  /** True where the objects come from the record, which others may have edited, and not from a catalog. */
  readonly fromRecord?: boolean;
  /** Volumes that stay as they are although the revision has them otherwise. */
  readonly kept?: Plan['kept'];
  /** What an earlier installation of the name left, and this one uses again. */
  readonly usedAgain?: readonly ObjectRef[];
  readonly record: InstallationRecord | undefined;
  readonly stored: RevisionHead | undefined;
  readonly nextRevision: number;
  readonly package: Package | StoredPackage;
  readonly options: UserOptions;
  readonly facts: ClusterFacts;
  readonly rendered: Rendered;
  readonly generated: Generated['all'];
  /** Generated secrets that are not stored yet, by path. */
  readonly newGenerated: Generated['added'];
  readonly secretPaths: readonly string[];
  /** `RevisionHead.readSecrets`. */
  readonly readSecrets: readonly string[];
  readonly digestKey: string;
  readonly mask: Masker;
  readonly warnings: readonly Problem[];
  /** What was begun to be read for the plan. */
  readonly reads?: EarlyReads;
  /** `RevisionHead.inputs` of what was rendered. */
  readonly inputs?: string;
  /** True where nothing was rendered: it is what the deployed revision rendered to, and may only show that there is nothing to do. */
  readonly remembered?: true;
}
