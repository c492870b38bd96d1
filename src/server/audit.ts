import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Caller } from './callers/caller.ts';

/** One line of the audit: who did what, where, and what came of it. Never what was sent: it may hold secrets. */
export interface AuditEntry {
  readonly operation: string;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** `begun`, `done`, `failed`, `interrupted`, `refused`, `read`. */
  readonly result: string;
  readonly code?: string;
  readonly id?: string;
}

interface Noted {
  readonly entry: AuditEntry | undefined;
  note(entry: AuditEntry): void;
}

const entries = new WeakMap<FastifyRequest, { entry?: AuditEntry }>();

/** What a request does, for the line that is written when it is answered. */
export function auditOf(request: FastifyRequest): Noted {
  const kept = entries.get(request) ?? {};
  entries.set(request, kept);
  return {
    entry: kept.entry,
    note({ operation, cluster, namespace, name, result, code, id }) {
      kept.entry = {
        operation,
        result,
        ...(cluster === undefined ? {} : { cluster }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(code === undefined ? {} : { code }),
        ...(id === undefined ? {} : { id }),
      };
    },
  };
}

/** Writes a line of the audit. */
export function writeAudit(log: FastifyBaseLogger, caller: Caller | undefined, entry: AuditEntry): void {
  const who =
    caller === undefined ? { name: '' } : { name: caller.name, groups: caller.groups, mode: caller.mode };
  log.info({ audit: true, who, ...entry }, 'audit');
}
