import type { Masker } from '../domain/masking.ts';
import type { Plan } from '../domain/plan.ts';
import type { AppstoreEvent, Emit } from './events.ts';

/** A plan as it may be shown: every object that it would apply is masked. Field changes are masked when they are made. */
export function publicPlan(plan: Plan, mask: Masker): Plan {
  return {
    ...plan,
    objects: plan.objects.map((object) =>
      object.desired === undefined ? object : { ...object, desired: mask.object(object.desired) },
    ),
    ...(plan.hooks === undefined
      ? {}
      : { hooks: plan.hooks.map((hook) => ({ ...hook, desired: mask.object(hook.desired) })) }),
  };
}

/** Takes secrets out of every text that an event carries from the cluster: reasons, events, log lines. */
export function maskedEmit(emit: Emit, mask: Masker): Emit {
  return (event) => emit(maskEvent(event, mask));
}

function maskEvent(event: AppstoreEvent, mask: Masker): AppstoreEvent {
  switch (event.type) {
    case 'health':
      return { ...event, health: { ...event.health, reason: mask.text(event.health.reason) } };
    case 'evidence':
      return { ...event, text: mask.text(event.text) };
    case 'retry':
    case 'connection':
      return { ...event, reason: mask.text(event.reason) };
    case 'warning':
      return { ...event, problem: { ...event.problem, message: mask.text(event.problem.message) } };
    default:
      return event;
  }
}
