import type { AdoptChoice } from '../domain/adoption.ts';
import type { ConflictChoices } from '../domain/conflict-choices.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import type { Masker } from '../domain/masking.ts';
import type { ReplaceChoice } from '../domain/replacement.ts';
import type { EarlyDryRuns } from './early-dry-runs.ts';
import type { Cluster } from './ports.ts';
import type { Refusal } from './refusals.ts';
import type { InstallationName } from './requests.ts';
import type { Survey } from './survey.ts';

/** What planning one object needs to know of the whole. */
export interface PlanContext {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly applySetId: string;
  readonly installation: InstallationName;
  /** The recorded inventory, by identity. */
  readonly entries: ReadonlyMap<string, InventoryEntry>;
  readonly live: Survey;
  readonly mask: Masker;
  /** `RevisionHead.digestKey`. */
  readonly digestKey: string;
  /** False where the server cannot be asked: the namespace of the object does not exist yet. */
  namespaceExists(namespace: string): boolean;
  /** Identities of objects of which a dry run would say nothing new (`uncontested`). */
  readonly spared: ReadonlySet<string>;
  readonly dryRuns: EarlyDryRuns;
  /** What was chosen for fields that other managers hold. */
  readonly conflicts: ConflictChoices;
  readonly adopt: AdoptChoice;
  readonly replace: ReplaceChoice;
  /** True where nothing is to be written: then who may not write sees a plan all the same. */
  readonly dryRun: boolean;
  /** Told before a dry run is asked for: something may have to be written. */
  asks?(): void;
  /** What is known already to be refused, by identity. */
  readonly refused?: ReadonlyMap<string, Refusal>;
}
