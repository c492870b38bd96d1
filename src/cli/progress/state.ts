import type { Health } from '../../domain/health.ts';
import { idKey, type ObjectRef } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import type { AppstoreEvent, Step } from '../../services/events.ts';

/** One object that is waited for. */
export interface TrackedObject {
  readonly ref: ObjectRef;
  readonly health: Health;
}

/** What is known of a running change, from its events alone. */
export interface ProgressState {
  readonly step: Step | undefined;
  /** Of the step `hooks`: which of them run. */
  readonly moment: string;
  readonly written: number;
  readonly toWrite: number;
  readonly ready: number;
  readonly toWaitFor: number;
  /** In the order in which they were first heard of. */
  readonly objects: ReadonlyMap<string, TrackedObject>;
  /** Why the cluster is not heard at the moment; `''` while it is. */
  readonly disconnected: string;
  /** Who holds the lock that is waited for; `''` where nobody does. */
  readonly lockedBy: string;
}

export const initialState: ProgressState = {
  step: undefined,
  moment: '',
  written: 0,
  toWrite: 0,
  ready: 0,
  toWaitFor: 0,
  objects: new Map(),
  disconnected: '',
  lockedBy: '',
};

/** The state after an event. */
export function advance(state: ProgressState, event: AppstoreEvent): ProgressState {
  switch (event.type) {
    case 'step':
      // What was counted belongs to the step before.
      return event.state === 'started'
        ? {
            ...state,
            step: event.step,
            lockedBy: '',
            moment: event.event ?? '',
            written: 0,
            toWrite: 0,
            ready: 0,
            toWaitFor: 0,
          }
        : state;
    case 'written':
      return { ...state, written: event.done, toWrite: event.total };
    case 'health': {
      const objects = new Map(state.objects).set(idKey(event.ref), { ref: event.ref, health: event.health });
      return { ...state, objects, ready: event.ready, toWaitFor: event.total };
    }
    case 'locked':
      return { ...state, lockedBy: event.holder };
    case 'operation':
      return { ...state, lockedBy: '' };
    case 'connection':
      return { ...state, disconnected: event.state === 'lost' ? event.reason : '' };
    default:
      return state;
  }
}

/** Objects that are still waited for, those that failed first. */
export function notReady(state: ProgressState): readonly TrackedObject[] {
  const open = [...state.objects.values()].filter(({ health }) => health.status !== 'current');
  return [
    ...open.filter(({ health }) => health.status === 'failed'),
    ...open.filter(({ health }) => health.status !== 'failed'),
  ];
}

const stepTexts: Readonly<Record<Step, string>> = {
  resolve: 'Looking for the app',
  render: 'Rendering',
  plan: 'Comparing with the cluster',
  record: 'Recording what will be written',
  hooks: 'Running hooks',
  apply: 'Writing',
  wait: 'Waiting until everything is ready',
  prune: 'Deleting',
  finish: 'Recording the result',
};

/** One line: which step, and how far it is. */
export function headline(state: ProgressState): string {
  if (state.lockedBy !== '') return `Waiting for ${cleanLine(state.lockedBy)}`;
  if (state.step === undefined) return 'Starting';
  const text = `${stepTexts[state.step]}${state.moment === '' ? '' : ` (${state.moment})`}`;
  if (state.step === 'apply' && state.toWrite > 0) return `${text}: ${state.written} of ${state.toWrite}`;
  if (state.step === 'wait' && state.toWaitFor > 0) return `${text}: ${state.ready} of ${state.toWaitFor}`;
  return text;
}

/** One line for an object: its state and the reason. */
export function objectText({ ref, health }: TrackedObject, display: (ref: ObjectRef) => string): string {
  const cause = health.cause === undefined ? '' : ` [${health.cause}]`;
  return `${display(ref)}: ${health.status}${health.reason === '' ? '' : `, ${health.reason}`}${cause}`;
}
