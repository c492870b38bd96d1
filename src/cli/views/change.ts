import { displayId } from '../../domain/objects.ts';
import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { cleanLine } from '../../domain/text.ts';
import type { ChangeResult, RemoveResult } from '../../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { linksText, outputsText } from './outputs.ts';
import { notesText, planData, planText } from './plan.ts';
import type { ResultView, TextStyle } from './print.ts';

/** What an output says where the cluster is a sandbox. */
export interface Simulation {
  readonly simulated: boolean;
}

/** What came of an install or upgrade. */
export function changeView(result: ChangeResult, options: Simulation & { verbose: boolean }): ResultView {
  const { plan, record } = result;
  const { name, namespace } = plan.target;
  return {
    data: {
      apiVersion,
      kind: 'Change',
      outcome: result.outcome,
      name,
      namespace,
      app: plan.app,
      revision: record?.revision ?? plan.revision,
      waited: result.waited,
      plan: planData(plan),
      outputs: result.outputs,
      open: result.open,
      generatedCredentials: result.generated,
      notes: result.notes,
      ...(options.simulated ? { notice: SANDBOX_NOTICE } : {}),
    },
    names: () => [name],
    text: (style) =>
      result.outcome === 'planned' ? planText(plan, { ...style, ...options }) : changeText(result, style),
  };
}

const doneVerbs = {
  install: 'installed',
  upgrade: 'upgraded',
  rollback: 'rolled back',
  remove: 'removed',
  repair: 'repaired',
  adopt: 'adopted',
  return: 'given back',
} as const;

function changeText(result: ChangeResult, style: TextStyle): string {
  const { plan, outcome } = result;
  const { bold, green } = style.palette;
  const what = `${bold(cleanLine(plan.target.name))} (${cleanLine(`${plan.app.name} ${plan.app.version}`)})`;
  const where = `in namespace ${cleanLine(plan.target.namespace)}`;
  if (outcome === 'unchanged') return `${what} ${where} is up to date: nothing was written.`;
  const state = result.waited ? 'and ready' : 'but not waited for';
  const revision = result.record?.revision ?? plan.revision;
  const notes = notesText(result.notes);
  return [
    `${green(what)} is ${doneVerbs[plan.operation]} ${where} ${state}: revision ${revision}.`,
    ...(notes === '' ? reached(result, style) : block(notes)),
    ...block(generatedText(result)),
  ].join('\n');
}

/** Where an app is reached, for apps whose notes do not tell it. */
function reached({ outputs, open, plan }: ChangeResult, style: TextStyle): string[] {
  return [...block(outputsText(outputs, style)), ...block(linksText(open, plan.target, style))];
}

function generatedText({ generated, plan }: ChangeResult): string {
  if (generated.length === 0) return '';
  const names = generated.map((path) => cleanLine(path)).join(', ');
  return `Generated: ${names}. Read with: appstore credentials ${plan.target.name} <key> -n ${plan.target.namespace}`;
}

function block(text: string): string[] {
  return text === '' ? [] : ['', text];
}

/** What came of a removal. */
export function removalView(result: RemoveResult, options: Simulation & { verbose: boolean }): ResultView {
  const { plan } = result;
  const { name, namespace } = plan.target;
  return {
    data: {
      apiVersion,
      kind: 'Removal',
      outcome: result.outcome,
      name,
      namespace,
      plan: planData(plan),
      waited: result.waited,
      left: result.left,
      ...(options.simulated ? { notice: SANDBOX_NOTICE } : {}),
    },
    names: () => [name],
    text: (style) =>
      result.outcome === 'planned' ? planText(plan, { ...style, ...options }) : removalText(result, style),
  };
}

function removalText({ plan, left, waited }: RemoveResult, style: TextStyle): string {
  const { name, namespace } = plan.target;
  const done = `${style.palette.green(cleanLine(name))} is removed from namespace ${cleanLine(namespace)}.`;
  const look = `Look with: appstore verify ${cleanLine(name)} -n ${cleanLine(namespace)}`;
  if (left.length === 0)
    return waited ? `${done} Nothing is left of it.` : `${done} Its objects may still be going. ${look}`;
  return [
    done,
    '',
    'Still there:',
    ...left.map(({ ref, reason }) => `  ${cleanLine(displayId(ref))}  ${cleanLine(reason)}`),
  ].join('\n');
}
