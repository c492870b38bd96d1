import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccessQuestion } from '../../../src/services/ports.ts';
import type { ServedKind } from './kinds.ts';
import type { MemoryCluster, MemoryOptions, MemoryRequest } from './options.ts';
import { forbidden } from './refusals.ts';

/** What a request is about. */
interface Where {
  readonly namespace?: string;
  readonly name?: string;
}

interface How {
  readonly metadataOnly?: boolean;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where every request of a user passes: recorded, failed where a test wants it, allowed or refused. */
export interface Gate {
  readonly requests: MemoryRequest[];
  readonly fail: MemoryCluster['fail'];
  pass(verb: MemoryRequest['verb'], kind: ServedKind, where: Where, how?: How): Promise<void>;
  /** Refuses what the policy does not allow, without a request of its own. */
  check(question: AccessQuestion, kind: ServedKind): void;
  allows(question: AccessQuestion): { allowed: boolean; reason: string };
}

/** What the authoriser is asked for subresources of pods. */
const subresources: Readonly<Record<string, { readonly verb: string; readonly subresource: string }>> = {
  log: { verb: 'get', subresource: 'log' },
  portforward: { verb: 'create', subresource: 'portforward' },
};

interface Failure {
  readonly matches: (request: MemoryRequest) => boolean;
  readonly error: Error | (() => Error);
  left: number;
}

export function createGate(options: MemoryOptions): Gate {
  const requests: MemoryRequest[] = [];
  const failures: Failure[] = [];

  function allows(question: AccessQuestion): { allowed: boolean; reason: string } {
    const answer = options.access?.(question) ?? true;
    return typeof answer === 'boolean' ? { allowed: answer, reason: '' } : answer;
  }

  function check(question: AccessQuestion, kind: ServedKind): void {
    const { allowed, reason } = allows(question);
    const target = { kind, namespace: question.namespace, name: question.name ?? '' };
    if (!allowed) throw forbidden(target, options.user ?? 'test-user', question, reason);
  }

  return {
    requests,
    allows,
    check,
    async pass(verb, kind, where, how = {}) {
      await nextTurn();
      if (how.signal?.aborted) throw how.signal.reason;
      const request = requestOf(verb, kind, where, how);
      requests.push(request);
      failIfAsked(failures, request);
      check(questionOf(request), kind);
    },
    fail(matches, error, times = Number.POSITIVE_INFINITY) {
      const failure = { matches, error, left: times };
      failures.push(failure);
      return () => {
        failure.left = 0;
      };
    },
  };
}

function requestOf(verb: MemoryRequest['verb'], kind: ServedKind, where: Where, how: How): MemoryRequest {
  return {
    verb,
    group: kind.group,
    kind: kind.kind,
    resource: kind.resource,
    namespace: kind.namespaced ? (where.namespace ?? '') : '',
    name: where.name ?? '',
    metadataOnly: how.metadataOnly === true,
    dryRun: how.dryRun === true,
  };
}

/** A POST names no object, so the authoriser does not see its name. */
function questionOf({ verb, group, resource, namespace, name }: MemoryRequest): AccessQuestion {
  const named = name === '' || verb === 'create' ? {} : { name };
  return { group, resource, namespace, ...(subresources[verb] ?? { verb }), ...named };
}

function failIfAsked(failures: readonly Failure[], request: MemoryRequest): void {
  const failure = failures.find((one) => one.left > 0 && one.matches(request));
  if (failure === undefined) return;
  failure.left--;
  throw typeof failure.error === 'function' ? failure.error() : failure.error;
}
