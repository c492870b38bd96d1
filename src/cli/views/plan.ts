import { fieldsOf } from '../../domain/diff.ts';
import { inHookOrder } from '../../domain/hooks.ts';
import type { Json } from '../../domain/json.ts';
import { createMasker } from '../../domain/masking.ts';
import { displayId } from '../../domain/objects.ts';
import {
  countActions,
  type FieldChange,
  type Plan,
  type PlanAction,
  type PlannedConflict,
  type PlannedObject,
  type RecordsFor,
} from '../../domain/plan.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import type { Palette } from './color.ts';
import { problemLines } from './error.ts';
import { textWidth, truncate } from './width.ts';
import { wrapLines } from './wrap.ts';

/** How an action is drawn and counted. */
interface ActionStyle {
  readonly symbol: string;
  readonly color: keyof Palette;
  readonly verb: string;
}

const actionStyles: Readonly<Record<PlanAction, ActionStyle>> = {
  create: { symbol: '+', color: 'green', verb: 'to create' },
  update: { symbol: '~', color: 'yellow', verb: 'to change' },
  replace: { symbol: '±', color: 'red', verb: 'to replace' },
  delete: { symbol: '-', color: 'red', verb: 'to delete' },
  conflict: { symbol: '!', color: 'red', verb: 'in conflict' },
  keep: { symbol: '=', color: 'cyan', verb: 'to keep' },
  unchanged: { symbol: '=', color: 'dim', verb: 'unchanged' },
};

const operationVerbs: Readonly<Record<Plan['operation'], string>> = {
  install: 'Install',
  upgrade: 'Upgrade',
  rollback: 'Roll back',
  remove: 'Remove',
  repair: 'Take drift back of',
  adopt: 'Adopt from Helm:',
  return: 'Give back to Helm:',
};

/** What is counted of an operation that changes no object, in the place of `to change`. */
const handedOver: Partial<Readonly<Record<Plan['operation'], string>>> = {
  adopt: 'to take over',
  return: 'to give back',
};

const choiceWords: Readonly<Record<NonNullable<PlannedConflict['choice']>, string>> = {
  take: 'taken: ours is set',
  yield: 'yielded: theirs stays',
};

/** Characters of one value of what is made: whoever agrees to it reads it here and nowhere else. */
const longestMade = 4096;

/** Objects of one kind and action are put on one line where there are more rows than this. */
const rowsBeforeGrouping = 40;

export interface PlanStyle {
  readonly palette: Palette;
  readonly width: number;
  /** Every field of every object, unchanged ones included. */
  readonly verbose: boolean;
}

/**
 * A plan for people. Secret values are masked in it already. Only lists of names are cut to the width, and sentences broken: the
 * cluster, the fields and their values are what is agreed to.
 */
export function planText(plan: Plan, style: PlanStyle): string {
  const wrapped = (told: readonly string[]) => told.map((line) => wrapLines(line, style.width));
  const body = [
    ...objectLines(plan, style),
    ...hookLines(plan, style),
    ...namespaceLines(plan, style.palette),
    ...wrapped(keptLines(plan, style.palette)),
    ...wrapped(grantLines(plan, style.palette)),
    ...wrapped(beyondLines(plan, style.palette)),
    ...handoverLines(plan, style.palette),
  ];
  const lines = [
    `${headline(plan, style.palette)}\n`,
    ...body,
    `${body.length === 0 ? '' : '\n'}${countsLine(plan, style.palette)}`,
    ...recordLines(plan),
    ...plan.warnings.flatMap((warning) => [
      style.palette.yellow('Warning:'),
      ...wrapped(problemLines(warning, style.palette)),
    ]),
  ];
  return lines.join('\n');
}

/** True where executing the plan would write something. */
export function hasChanges(plan: Plan): boolean {
  return plan.records !== undefined || changesObjects(plan);
}

function changesObjects(plan: Plan): boolean {
  const counts = countActions(plan);
  return (
    plan.createNamespace ||
    plan.deleteNamespace === true ||
    counts.create + counts.update + counts.replace + counts.delete + counts.conflict > 0
  );
}

function headline(plan: Plan, palette: Palette): string {
  const { name, namespace, context, server } = plan.target;
  const versions =
    plan.previous !== undefined && plan.previous.version !== plan.app.version
      ? `${plan.previous.version} -> ${plan.app.version}`
      : plan.app.version;
  const back = plan.restores === undefined ? '' : ` to revision ${plan.restores}`;
  const what = `${operationVerbs[plan.operation]} ${palette.bold(cleanLine(name))} (${cleanLine(`${plan.app.name} ${versions}`)})${back}`;
  const made = plan.createNamespace ? palette.green(' (made first)') : '';
  return `${what}\n  namespace ${palette.bold(cleanLine(namespace))}${made} of cluster ${palette.bold(cleanLine(context))} (${cleanLine(server)})`;
}

function objectLines(plan: Plan, style: PlanStyle): string[] {
  const shown = plan.objects.filter((object) => style.verbose || object.action !== 'unchanged');
  if (style.verbose || shown.length <= rowsBeforeGrouping)
    return shown.flatMap((object) => [objectLine(object, style.palette), ...detailLines(object, style)]);
  return groups(shown).flatMap((group) =>
    group.length < 3
      ? group.flatMap((object) => [objectLine(object, style.palette), ...detailLines(object, style)])
      : [groupLine(group, style)],
  );
}

function objectLine({ action, ref, reason }: PlannedObject, palette: Palette): string {
  const { symbol, color } = actionStyles[action];
  const why = action === 'create' || reason === '' ? '' : palette.dim(`  ${cleanLine(reason)}`);
  return `  ${palette[color](`${symbol} ${cleanLine(displayId(ref))}`)}${why}`;
}

/** Fields that change: all of them with `verbose`, else the first three; conflicts always. */
function detailLines(object: PlannedObject, { palette, verbose }: PlanStyle): string[] {
  const shown = verbose
    ? writtenFields(object)
    : object.action === 'update' || object.action === 'replace'
      ? object.changes.slice(0, 3)
      : [];
  const more = object.changes.length - shown.length;
  const conflicts = object.conflicts.map((conflict) => {
    // Of a field that was yielded before, the live value is not read.
    const theirs = conflict.theirs === undefined ? '' : `, theirs ${valueText(conflict.theirs)}`;
    const values = `ours ${valueText(conflict.ours)}${theirs}`;
    const chosen = conflict.choice === undefined ? '' : ` (${choiceWords[conflict.choice]})`;
    return `      ${palette.red(cleanLine(conflict.field))} is held by ${palette.bold(cleanLine(conflict.manager))}: ${values}${chosen}`;
  });
  return [
    ...shown.map(
      (change) =>
        `      ${changeText(change, palette, object.action === 'create' ? longestMade : undefined)}`,
    ),
    ...(more > 0 && shown.length > 0 ? [palette.dim(`      and ${more} more (-v shows all)`)] : []),
    ...conflicts,
  ];
}

/** What is made is told field by field; the values of a Secret never. */
function writtenFields({ action, changes, desired }: PlannedObject): readonly FieldChange[] {
  if (action !== 'create' || desired === undefined) return changes;
  return fieldsOf(createMasker([]).object(desired));
}

function changeText({ path, before, after }: FieldChange, palette: Palette, limit?: number): string {
  const field = cleanLine(path);
  if (before === undefined) return `${field}: ${palette.green(valueText(after, limit))}`;
  if (after === undefined) return `${field}: ${palette.red(valueText(before))} -> (none)`;
  return `${field}: ${palette.red(valueText(before))} -> ${palette.green(valueText(after))}`;
}

function valueText(value: Json | undefined, limit = 120): string {
  if (value === undefined) return '(none)';
  return cleanLine(typeof value === 'string' ? value : JSON.stringify(value), limit);
}

function groups(objects: readonly PlannedObject[]): PlannedObject[][] {
  const byKey = new Map<string, PlannedObject[]>();
  for (const object of objects) {
    const key = `${object.action} ${object.ref.group}/${object.ref.kind} ${object.ref.namespace}`;
    byKey.set(key, [...(byKey.get(key) ?? []), object]);
  }
  return [...byKey.values()];
}

function groupLine(group: readonly PlannedObject[], { palette, width }: PlanStyle): string {
  const [first] = group;
  if (first === undefined) return '';
  const { symbol, color } = actionStyles[first.action];
  const place = first.ref.namespace === '' ? first.ref.kind : `${first.ref.kind}/${first.ref.namespace}`;
  const head = `${symbol} ${cleanLine(place)}: ${group.length} objects`;
  const names = cleanLine(group.map(({ ref }) => ref.name).join(', '));
  const room = Math.max(20, width - textWidth(head) - 4);
  return `  ${palette[color](head)}  ${palette.dim(truncate(names, room))}`;
}

/** What runs around the writes, in the order of running; with `verbose` also what does not run now. */
function hookLines({ hooks = [] }: Plan, { palette, verbose }: PlanStyle): string[] {
  const events = [...new Set(hooks.flatMap(({ runs }) => runs))];
  const lines = events.flatMap((event) =>
    inHookOrder(hooks.filter(({ runs }) => runs.includes(event))).map(
      ({ ref, action }) =>
        `  ${palette.cyan(`> ${event} ${cleanLine(displayId(ref))}`)}${action === 'replace' ? palette.dim('  made anew') : ''}`,
    ),
  );
  const idle = verbose ? hooks.filter(({ runs }) => runs.length === 0) : [];
  return [
    ...lines,
    ...idle.map(({ ref }) => palette.dim(`  > ${cleanLine(displayId(ref))} does not run now`)),
  ];
}

function keptLines(plan: Plan, palette: Palette): string[] {
  return plan.kept.map(
    ({ ref, reason }) =>
      `  ${palette.cyan(`= ${cleanLine(displayId(ref))} stays`)}${palette.dim(`  ${cleanLine(reason)}`)}`,
  );
}

function namespaceLines(plan: Plan, palette: Palette): string[] {
  if (plan.deleteNamespace !== true) return [];
  return [
    `  ${palette.red(`- Namespace/${cleanLine(plan.target.namespace)}`)}${palette.dim('  last, when it is empty')}`,
  ];
}

/** Characters: who gets the rights stands at their end. */
const longestRights = 4_000;

function grantLines(plan: Plan, palette: Palette): string[] {
  if (plan.grants.length === 0) return [];
  return [
    '',
    palette.yellow('Rights beyond its namespace that the app gets:'),
    ...plan.grants.map(
      ({ by, rights }) => `  ${palette.yellow(`! ${cleanLine(by)}`)}: ${cleanLine(rights, longestRights)}`,
    ),
  ];
}

function beyondLines({ beyond = [], target }: Plan, palette: Palette): string[] {
  if (beyond.length === 0) return [];
  return [
    '',
    palette.yellow(
      `Written from the record beyond namespace ${cleanLine(target.namespace)} (whoever may edit the record may have put it there):`,
    ),
    ...beyond.map(
      ({ ref, reason }) => `  ${palette.yellow(`! ${cleanLine(displayId(ref))}`)}: ${cleanLine(reason)}`,
    ),
  ];
}

function handoverLines(plan: Plan, palette: Palette): string[] {
  return plan.handovers.map(({ ref, by }) =>
    palette.dim(`  ${cleanLine(displayId(ref))}: replicas are left to ${cleanLine(by)}`),
  );
}

function countsLine(plan: Plan, palette: Palette): string {
  const counts = countActions(plan);
  const parts = (Object.keys(actionStyles) as PlanAction[])
    .filter((action) => counts[action] > 0)
    .map((action) => {
      const { color, verb } = actionStyles[action];
      const told = action === 'update' ? (handedOver[plan.operation] ?? verb) : verb;
      return palette[color](`${counts[action]} ${told}`);
    });
  return `${parts.length === 0 ? 'Nothing to do' : parts.join(', ')}.`;
}

const recordReasons: Readonly<Record<RecordsFor, string>> = {
  first: 'there is none yet',
  package: 'the package has other files',
  options: 'the values or other options differ from those of the one before',
  failed: 'the one before failed',
  unfinished: 'an operation is not finished',
};

/** Where no object differs, a person would not know that something is written all the same. */
function recordLines(plan: Plan): string[] {
  if (plan.records === undefined || changesObjects(plan)) return [];
  const { previous, app } = plan;
  const moved = plan.records === 'package' && previous !== undefined && previous.version !== app.version;
  const why = moved ? `version ${previous.version} -> ${app.version}` : recordReasons[plan.records];
  return [`A revision is recorded: ${cleanLine(why)}.`];
}

/** Notes of an app, as they are shown below a result. */
export function notesText(notes: string): string {
  return cleanText(notes).trim();
}
