import { displayId } from '../../domain/objects.ts';
import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { planOutput } from '../../outputs/plan.ts';
import type { Simulation } from '../../outputs/simulation.ts';
import type { AdoptResult } from '../../services/hand-over.ts';
import type { ImportedRelease, ImportResult } from '../../services/import-helm.ts';
import { planText } from './plan.ts';
import type { ResultView, TextStyle } from './print.ts';
import { renderTable } from './table.ts';

/** What came of taking a release over from Helm, or of giving it back. */
export function adoptionView(result: AdoptResult, options: Simulation & { verbose: boolean }): ResultView {
  const { plan, outcome } = result;
  const { name, namespace } = plan.target;
  return {
    data: {
      apiVersion,
      kind: 'Adoption',
      outcome,
      name,
      namespace,
      revision: plan.revision,
      plan: planOutput(plan),
      ...(options.simulated ? { notice: SANDBOX_NOTICE } : {}),
    },
    names: () => [name],
    text: (style) =>
      outcome === 'planned' ? planText(plan, { ...style, ...options }) : adoptionText(result, style),
  };
}

function adoptionText({ plan, outcome }: AdoptResult, { palette }: TextStyle): string {
  const { name, namespace } = plan.target;
  const what = `${cleanLine(name)} (${cleanLine(`${plan.app.name} ${plan.app.version}`)})`;
  const where = `in namespace ${cleanLine(namespace)}`;
  if (outcome === 'unchanged')
    return `${what} ${where} was taken over from Helm before: nothing was written.`;
  const objects = `${plan.objects.filter(({ action }) => action === 'update').length} objects`;
  const done =
    outcome === 'adopted'
      ? `is taken over from Helm ${where}: revision ${plan.revision}, ${objects} as they were.`
      : `is given back to Helm ${where}: revision ${plan.revision}, ${objects} as they were.`;
  return [
    `${palette.green(what)} ${done}`,
    ...plan.kept.map(({ ref, reason }) => `  ${cleanLine(displayId(ref))} stays: ${cleanLine(reason)}`),
    ...plan.warnings.map(({ message }) => `${palette.yellow('Warning:')} ${cleanLine(message)}`),
  ].join('\n');
}

/** What came of taking over many releases. */
export function importView(result: ImportResult, options: { readonly namespaces: boolean }): ResultView {
  const { items, limitedTo, unread } = result;
  return {
    data: {
      apiVersion,
      kind: 'HelmImport',
      items: items.map(itemData),
      ...(limitedTo === undefined ? {} : { limitedTo }),
      unread,
    },
    names: () =>
      items
        .filter(({ outcome }) => outcome !== 'failed')
        .map(({ namespace, name }) => (options.namespaces ? `${namespace}/${name}` : name)),
    text: (style) => (items.length === 0 ? 'Helm has no releases here.' : importText(items, options, style)),
  };
}

function itemData({ error, ...item }: ImportedRelease): unknown {
  if (error === undefined) return item;
  const { code, message, hint, problems } = error;
  return { ...item, error: { code, message, hint, problems } };
}

async function importText(
  items: readonly ImportedRelease[],
  { namespaces }: { readonly namespaces: boolean },
  style: TextStyle,
): Promise<string> {
  const columns = [
    ...(namespaces ? [{ title: 'NAMESPACE' }] : []),
    { title: 'RELEASE' },
    { title: 'REVISION' },
    { title: 'OBJECTS' },
    { title: 'RESULT' },
  ];
  const rows = items.map((item) => [
    ...(namespaces ? [cleanLine(item.namespace)] : []),
    cleanLine(item.name),
    String(item.revision),
    item.outcome === 'failed' ? '-' : String(item.objects),
    outcomeText(item, style),
  ]);
  const told = items.flatMap((item) => reasons(item, style));
  return [await renderTable(columns, rows, style), ...(told.length === 0 ? [] : ['', ...told])].join('\n');
}

function outcomeText({ outcome }: ImportedRelease, { palette }: TextStyle): string {
  if (outcome === 'failed') return palette.red('not taken over');
  return outcome === 'planned' ? palette.yellow('would be taken over') : palette.green(outcome);
}

function reasons({ namespace, name, error, warnings }: ImportedRelease, { palette }: TextStyle): string[] {
  const id = cleanLine(`${namespace}/${name}`);
  const notes = warnings.map((text) => `${palette.yellow(id)}: ${cleanLine(text)}`);
  if (error === undefined) return notes;
  return [
    `${palette.red(id)}: ${cleanLine(error.message)}`,
    ...error.problems.slice(0, 10).map(({ message }) => `  ${cleanLine(message)}`),
    `  ${cleanLine(error.hint)}`,
    ...notes,
  ];
}
