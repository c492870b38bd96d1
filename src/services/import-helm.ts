import { AppstoreError } from '../domain/errors.ts';
import { adoptRelease } from './adopt-release.ts';
import type { AdoptDeps, AdoptRequest, AdoptResult } from './hand-over.ts';
import type { Session } from './requests.ts';

export interface ImportRequest extends Omit<AdoptRequest, 'name' | 'namespace'> {
  /** One namespace; all of them where absent. */
  readonly namespace?: string;
}

/** What came of one release. */
export interface ImportedRelease {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly outcome: AdoptResult['outcome'] | 'failed';
  /** Objects that are taken over. */
  readonly objects: number;
  /** Why it could not be taken over. */
  readonly error?: AppstoreError;
  /** What should be known of it. */
  readonly warnings: readonly string[];
}

export interface ImportResult {
  readonly items: readonly ImportedRelease[];
  readonly limitedTo?: string;
  /** Kinds that may not be listed: releases in them were not seen. */
  readonly unread: readonly string[];
}

/**
 * Takes over every release of Helm in a namespace, or in all, one after the other. What cannot be taken over is told with its reason,
 * and the others go on; only what ends everything (no connection, no login, interrupted) is thrown.
 */
export async function importHelm(
  deps: AdoptDeps,
  request: ImportRequest,
  session: Session,
): Promise<ImportResult> {
  const { namespace } = request;
  const scope = namespace === undefined ? {} : { namespace };
  const found = await deps.helm.list({ ...scope, fallback: deps.cluster.target.namespace }, session.signal);
  const releases = [...found.items].sort(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  const items: ImportedRelease[] = [];
  for (const release of releases)
    items.push(await importOne(deps, { ...request, ...pick(release) }, release.version, session));
  return {
    items,
    ...(found.limitedTo === undefined ? {} : { limitedTo: found.limitedTo }),
    unread: found.unread,
  };
}

function pick({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return { namespace, name };
}

async function importOne(
  deps: AdoptDeps,
  request: AdoptRequest,
  revision: number,
  session: Session,
): Promise<ImportedRelease> {
  const { namespace, name } = request;
  try {
    const { outcome, plan } = await adoptRelease(deps, request, session);
    const objects = plan.objects.filter(({ action }) => action === 'update').length;
    const warnings = plan.warnings.map(({ message }) => message);
    return { namespace, name, revision: plan.revision, outcome, objects, warnings };
  } catch (error) {
    if (!(error instanceof AppstoreError) || endsAll.has(error.code) || session.signal.aborted) throw error;
    return { namespace, name, revision, outcome: 'failed', objects: 0, error, warnings: [] };
  }
}

/** What the next release would meet as well. */
const endsAll: ReadonlySet<string> = new Set([
  'CLUSTER_UNREACHABLE',
  'CLUSTER_TLS',
  'UNAUTHENTICATED',
  'CREDENTIAL_PLUGIN_FAILED',
  'INTERRUPTED',
  'DECLINED',
]);
