import type { EvidenceSource } from '../domain/diagnosis.ts';
import type { Problem } from '../domain/errors.ts';
import type { Health } from '../domain/health.ts';
import type { ObjectRef } from '../domain/objects.ts';
import type { Operation, Plan, PlanAction } from '../domain/plan.ts';
import type { HookEvent } from '../domain/rendered.ts';

/** The steps of a change, in the order of the spine. */
export type Step = 'resolve' | 'render' | 'plan' | 'record' | 'hooks' | 'apply' | 'wait' | 'prune' | 'finish';

/**
 * Everything that can happen while a service works. The core emits these; the terminal, CI lines and server-sent events are
 * subscribers. Plain data: it goes over the wire as it stands. Secrets are masked before an event is emitted.
 */
export type AppstoreEvent =
  | {
      readonly type: 'operation';
      readonly operation: Operation;
      readonly namespace: string;
      readonly name: string;
      readonly id: string;
      readonly resumed: boolean;
    }
  | {
      readonly type: 'step';
      readonly step: Step;
      readonly state: 'started' | 'done';
      readonly total?: number;
      /** Of `hooks`: which moment it is. */
      readonly event?: HookEvent;
    }
  | { readonly type: 'planned'; readonly plan: Plan }
  | {
      readonly type: 'written';
      readonly ref: ObjectRef;
      readonly action: PlanAction;
      readonly done: number;
      readonly total: number;
    }
  /** Somebody else holds the lock; it is watched until it is free, abandoned, or seen to be renewed. */
  | { readonly type: 'locked'; readonly holder: string; readonly since: string }
  | { readonly type: 'retry'; readonly ref: ObjectRef; readonly reason: string }
  | {
      readonly type: 'health';
      readonly ref: ObjectRef;
      readonly health: Health;
      readonly ready: number;
      readonly total: number;
    }
  | {
      readonly type: 'evidence';
      readonly ref: ObjectRef;
      readonly source: EvidenceSource;
      readonly text: string;
    }
  | { readonly type: 'warning'; readonly problem: Problem }
  | { readonly type: 'connection'; readonly state: 'lost' | 'restored'; readonly reason: string };

/** Receives events. Never throws. */
export type Emit = (event: AppstoreEvent) => void;
