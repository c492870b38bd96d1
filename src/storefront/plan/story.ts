import type { Plan, PlannedObject } from '../api/types.ts';
import type { Texts } from '../i18n/en.ts';
import { said, saidAlone } from '../i18n/said.ts';
import { countParts, partOf } from './parts.ts';

/** How a sentence is marked: what is made, changed, taken away, kept, or to be thought about. */
export type Tone = 'add' | 'change' | 'take' | 'keep' | 'warn' | 'info';

/** One sentence of a plan, and what belongs to it. */
export interface Sentence {
  readonly tone: Tone;
  readonly text: string;
  readonly more: readonly string[];
}

/** What a plan does, in words for people who do not know Kubernetes. Everything that a person has to agree to is in it. */
export function tellPlan(plan: Plan, t: Texts): Sentence[] {
  const of = (action: PlannedObject['action']) => plan.objects.filter((object) => object.action === action);
  const words = t.plan;
  return [
    ...versions(plan, t),
    ...one(onlyRecords(plan), 'info', words.recorded),
    ...one(plan.createNamespace, 'add', words.makesSpace(plan.target.namespace)),
    ...made(of('create'), t),
    ...of('update')
      .filter(isProgram)
      .map((object) => restarted(object, t)),
    ...settings(
      of('update').filter((object) => !isProgram(object)),
      t,
    ),
    ...some(plan, of('replace'), t, 'take', words.replaces(of('replace').length)),
    ...gone(plan, of('delete'), t),
    ...one(plan.deleteNamespace === true, 'take', words.takesSpace(plan.target.namespace)),
    ...hooks(plan, t),
    ...kept(plan, t),
    ...plan.handovers.map(({ ref, by }) => told('info', words.handover(ref.name, by))),
    ...rights(plan, t),
    ...beyond(plan, t),
    ...some(plan, of('conflict'), t, 'warn', words.conflicts(of('conflict').length)),
    ...plan.warnings.map(({ message, hint }) =>
      told('warn', saidAlone(message, t), hint === undefined ? [] : [said(hint, t)]),
    ),
  ];
}

/** False where nothing would be written. */
export function writes(plan: Plan): boolean {
  return plan.records !== undefined || writesObjects(plan);
}

function onlyRecords(plan: Plan): boolean {
  return plan.records !== undefined && !writesObjects(plan);
}

function writesObjects(plan: Plan): boolean {
  const { counts } = plan;
  return (
    plan.createNamespace ||
    plan.deleteNamespace === true ||
    counts.create + counts.update + counts.replace + counts.delete + counts.conflict > 0
  );
}

/** A part as people call it: `Disk data-db-0`. */
export function calledOf(
  ref: { readonly kind: string; readonly namespace: string; readonly name: string },
  namespace: string,
  t: Texts,
): string {
  const part = partOf(ref.kind);
  const name = nameOf(ref, namespace);
  return part === 'other' ? name : `${t.partNames[part]} ${name.slice(ref.kind.length + 1)}`;
}

/** `Kind/name`, with the namespace where it is another one than that of the app. */
export function nameOf(
  ref: { readonly kind: string; readonly namespace: string; readonly name: string },
  namespace: string,
): string {
  const place = ref.namespace === '' || ref.namespace === namespace ? '' : `${ref.namespace}/`;
  return `${ref.kind}/${place}${ref.name}`;
}

function told(tone: Tone, text: string, more: readonly string[] = []): Sentence {
  return { tone, text, more };
}

function one(holds: boolean, tone: Tone, text: string): Sentence[] {
  return holds ? [told(tone, text)] : [];
}

function some(
  { target }: Plan,
  objects: readonly PlannedObject[],
  t: Texts,
  tone: Tone,
  text: string,
): Sentence[] {
  if (objects.length === 0) return [];
  const more = objects.map((object) => reasoned(calledOf(object, target.namespace, t), object.reason, t));
  return [told(tone, text, more)];
}

function versions({ operation, app, previous, restores }: Plan, { plan: words }: Texts): Sentence[] {
  if (operation === 'rollback' && restores !== undefined)
    return [told('change', words.goesBack(restores, app.version))];
  if (previous === undefined || operation !== 'upgrade') return [];
  if (previous.version === app.version) return [told('info', words.sameVersion(app.version))];
  return [told('change', words.newVersion(previous.version, app.version))];
}

function made(objects: readonly PlannedObject[], t: Texts): Sentence[] {
  return objects.length === 0 ? [] : [told('add', t.plan.makes(listed(objects, t)))];
}

/** What is taken away. Data is told apart: it cannot be had back. */
function gone(plan: Plan, objects: readonly PlannedObject[], t: Texts): Sentence[] {
  const data = objects.filter(({ kind }) => partOf(kind) === 'storage');
  const others = objects.filter((object) => !data.includes(object));
  // All of a removal goes for the same reason, and the technical details name each.
  const rest =
    plan.operation === 'remove'
      ? one(others.length > 0, 'take', t.plan.removes(listed(others, t)))
      : some(plan, others, t, 'take', others.length === 0 ? '' : t.plan.takes(listed(others, t)));
  return [...rest, ...some(plan, data, t, 'take', t.plan.takesData(listed(data, t)))];
}

/** `1 program, 2 addresses inside the cluster and its settings` */
function listed(objects: readonly PlannedObject[], t: Texts): string {
  return t.list(countParts(objects).map(([part, count]) => t.parts[part](count)));
}

function isProgram({ kind }: PlannedObject): boolean {
  return partOf(kind) === 'program';
}

/** Whatever changes in what its pods are made from starts them anew; the number of them, and labels of the whole, do not. */
function restarted({ name, changes }: PlannedObject, { plan: words }: Texts): Sentence {
  const image = changes.find(({ path }) => /\.containers\[[^\]]*\]\.image$/.test(path));
  const replicas = changes.find(({ path }) => path === '.spec.replicas');
  const anew = changes.some(({ path }) => path.startsWith('.spec.template'));
  const more = [
    ...(image === undefined ? [] : [words.image(shown(image.before), shown(image.after))]),
    ...(replicas === undefined ? [] : [words.replicas(shown(replicas.before), shown(replicas.after))]),
  ];
  return told('change', anew ? words.restarts(name) : words.adjusts(name), more);
}

function shown(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function settings(objects: readonly PlannedObject[], t: Texts): Sentence[] {
  return objects.length === 0 ? [] : [told('change', t.plan.changes(listed(objects, t)))];
}

function hooks(plan: Plan, { plan: words }: Texts): Sentence[] {
  const running = (plan.hooks ?? []).filter(({ runs }) => runs.length > 0);
  if (running.length === 0) return [];
  const more = running.map(({ kind, name, runs }) => `${kind}/${name}: ${runs.join(', ')}`);
  return [told('info', words.runs(running.length), more)];
}

function reasoned(name: string, reason: string, t: Texts): string {
  return reason === '' ? name : `${name}: ${said(reason, t)}`;
}

function kept(plan: Plan, t: Texts): Sentence[] {
  const stays = [
    ...plan.kept,
    ...plan.objects
      .filter(({ action }) => action === 'keep')
      .map((object) => ({ ref: object, reason: object.reason })),
  ].map(({ ref, reason }) => reasoned(calledOf(ref, plan.target.namespace, t), reason, t));
  return stays.length === 0 ? [] : [told('keep', t.plan.keeps(stays.length), stays)];
}

function rights({ grants }: Plan, { plan: words }: Texts): Sentence[] {
  if (grants.length === 0) return [];
  const more = grants.map(({ by, rights: given }) => `${by}: ${given}`);
  return [told('warn', words.rights, more)];
}

function beyond({ beyond: outside = [], target }: Plan, { plan: words }: Texts): Sentence[] {
  if (outside.length === 0) return [];
  const more = outside.map(({ ref, reason }) => `${nameOf(ref, target.namespace)}: ${reason}`);
  return [told('warn', words.beyond(target.namespace), more)];
}
