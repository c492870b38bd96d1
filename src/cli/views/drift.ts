import type { Json } from '../../domain/json.ts';
import { displayId } from '../../domain/objects.ts';
import { cleanLine } from '../../domain/text.ts';
import { driftOutput, repairOutput } from '../../outputs/drift.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import type { DriftedField, DriftedObject, DriftReport, RepairResult } from '../../services/requests.ts';
import type { Palette } from './color.ts';
import { planText } from './plan.ts';
import type { ResultView, TextStyle } from './print.ts';

const words: Readonly<Record<DriftedObject['state'], string>> = {
  missing: 'is missing',
  changed: 'was changed',
  added: 'is not part of that revision',
  replaced: 'was deleted and made anew by somebody else',
  foreign: 'belongs to somebody else now',
  terminating: 'is being deleted',
};

/** What differs from the revision, field by field, with who did it. */
export function driftView(report: DriftReport): ResultView {
  const { name, namespace, revision, objects, problems } = report;
  const what = `${cleanLine(name)} in namespace ${cleanLine(namespace)}`;
  return {
    data: driftOutput(report),
    names: () => objects.map(({ ref }) => displayId(ref)),
    text: ({ palette }) =>
      [
        objects.length === 0
          ? `${palette.green(what)} is as revision ${revision} left it.`
          : `${palette.yellow(what)} differs from revision ${revision}:`,
        ...objects.flatMap((object) => objectLines(object, palette)),
        ...problems.map(({ message }) => palette.yellow(cleanLine(message))),
      ].join('\n'),
  };
}

/** What came of taking drift back. */
export function repairView(result: RepairResult, options: Simulation & { verbose: boolean }): ResultView {
  const { plan, outcome, left } = result;
  return {
    data: repairOutput(result, options),
    names: () => [plan.target.name],
    text: (style) =>
      [
        outcome === 'planned' ? planText(plan, { ...style, ...options }) : repairText(result, style),
        ...left.map(
          ({ ref, reason }) => `  ${cleanLine(displayId(ref))} stays as it is: ${cleanLine(reason)}`,
        ),
      ].join('\n'),
  };
}

function repairText({ plan, outcome }: RepairResult, { palette }: TextStyle): string {
  const what = `${cleanLine(plan.target.name)} in namespace ${cleanLine(plan.target.namespace)}`;
  if (outcome === 'unchanged') return `There is nothing to take back: nothing was written to ${what}.`;
  const count = plan.objects.filter(({ action }) => action === 'create' || action === 'update').length;
  return `${palette.green(what)} is as revision ${plan.revision} left it again: ${count} ${count === 1 ? 'object' : 'objects'} taken back.`;
}

function objectLines({ ref, state, by, fields }: DriftedObject, palette: Palette): string[] {
  const who = by.length === 0 ? '' : palette.dim(`  by ${by.map((one) => cleanLine(one)).join(', ')}`);
  return [
    `  ${palette.bold(cleanLine(displayId(ref)))} ${words[state]}${who}`,
    ...fields.map((field) => `      ${fieldText(field, palette)}`),
  ];
}

function fieldText({ path, expected, live, manager }: DriftedField, palette: Palette): string {
  const held = manager === undefined ? '' : palette.dim(`  (held by ${cleanLine(manager)})`);
  return `${cleanLine(path)}: ${palette.green(valueText(expected))} -> ${palette.red(valueText(live))}${held}`;
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  return cleanLine(typeof value === 'string' ? value : JSON.stringify(value), 120);
}
