import type { ClusterFacts, StoredPackage } from '../domain/app.ts';
import type { InstallationRecord, RevisionContent, RevisionHead } from '../domain/release.ts';
import type { StoredIntention } from './stored-intention.ts';

/** What is known of the installation before its stored revision is read. */
export interface StoredInput {
  readonly record: InstallationRecord;
  /** The newest revision. */
  readonly stored: RevisionHead;
  /** Asked for where the stored rendering is no use. */
  readonly facts: () => Promise<ClusterFacts>;
  /** Generated secrets as they are stored. */
  readonly known: Readonly<Record<string, string>>;
  readonly intention: StoredIntention;
  /** What `readIntended` answered. */
  readonly content: RevisionContent;
  readonly package: StoredPackage;
}
