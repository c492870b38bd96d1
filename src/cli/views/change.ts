import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import { changeOutput, removalOutput } from '../../outputs/change.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import { isStillOurs } from '../../services/inventory.ts';
import type { ChangeResult, RemoveResult } from '../../services/requests.ts';
import { linksText, outputsText } from './outputs.ts';
import { notesText, planText } from './plan.ts';
import type { ResultView, TextStyle } from './print.ts';

/** What came of an install or upgrade. */
export function changeView(result: ChangeResult, options: Simulation & { verbose: boolean }): ResultView {
  const { plan } = result;
  return {
    data: changeOutput(result, options),
    names: () => [plan.target.name],
    text: (style) =>
      result.outcome === 'planned' ? planText(plan, { ...style, ...options }) : changeText(result, style),
  };
}

/** Characters of a command for people; a system takes far more. */
const longestCommand = 10_000;

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
  return {
    data: removalOutput(result, options),
    names: () => [plan.target.name],
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
    ...block(deletionText(left)),
  ].join('\n');
}

/** How to be rid of what a removal leaves: with its record gone, nothing here deletes it. Namespaces and what is not ours stand apart. */
function deletionText(left: RemoveResult['left']): string {
  const deletable = left.filter((one) => one.ref.kind !== 'Namespace' && isStillOurs(one));
  if (deletable.length === 0) return '';
  const commands = [...Map.groupBy(deletable, ({ ref }) => ref.namespace)].map(([namespace, found]) => {
    const names = found.map(
      ({ ref: { group, kind, name } }) => `${kind.toLowerCase()}${group && `.${group}`}/${name}`,
    );
    return cleanLine(
      `kubectl delete ${names.join(' ')}${namespace === '' ? '' : ` -n ${namespace}`}`,
      longestCommand,
    );
  });
  return ['Once nobody needs it:', ...commands.map((command) => `  ${command}`)].join('\n');
}
