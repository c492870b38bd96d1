import { AppstoreError, type Place } from '../../../domain/errors.ts';
import { isObject, type Json } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/objects.ts';
import type { Phase, RenderedObject } from '../../../domain/rendered.ts';
import { checkObjects } from '../../../domain/rendered-check.ts';
import { stringDataToData } from '../../../domain/string-data.ts';
import type { ChartDocument } from './engine.ts';

/**
 * The objects of a chart's documents, each with its place and phase. Lists are taken apart, as Helm does before it applies
 * (cli-runtime's Flatten).
 *
 * @throws AppstoreError OBJECT_INVALID with every problem and its place.
 */
export function chartObjects(
  documents: readonly ChartDocument[],
  namespace: string,
): readonly RenderedObject[] {
  const objects = documents.flatMap((document) =>
    itemsOf(document.object).map((item): RenderedObject => {
      const source = placeOf(document);
      return { object: objectOf(item, source), source, phase: phaseOf(document, item) };
    }),
  );
  return checkObjects(objects, namespace, '');
}

function itemsOf(document: Json): readonly Json[] {
  if (!isObject(document) || !Array.isArray(document.items)) return [document];
  const { kind, items } = document;
  return typeof kind === 'string' && kind.endsWith('List') ? items.flatMap(itemsOf) : [document];
}

function objectOf(item: Json, source: Place): KubeObject {
  if (isObject(item)) return stringDataToData(item as unknown as KubeObject);
  const what = JSON.stringify(item).slice(0, 60);
  throw new AppstoreError('OBJECT_INVALID', `${source.file}: this is not an object: ${what}`, {
    place: source,
    hint: 'A template writes text outside of its objects, often by a condition that leaves something over.',
  });
}

/** The first part of the path is the name of the chart, which is no folder of the package. */
function placeOf({ path, line }: ChartDocument): Place {
  return { file: path.replace(/^[^/]+\//, ''), ...(line === 0 ? {} : { line }) };
}

function phaseOf({ hook, crd }: ChartDocument, item: Json): Phase {
  if (hook !== undefined) {
    const { events, weight, deletePolicies, outputLogPolicies } = hook;
    return { kind: 'hook', events, weight, deletePolicies, logPolicies: outputLogPolicies };
  }
  const isDefinition =
    isObject(item) &&
    item.kind === 'CustomResourceDefinition' &&
    String(item.apiVersion).startsWith('apiextensions.k8s.io/');
  if (crd === true) return { kind: 'crd', stays: true };
  return { kind: isDefinition ? 'crd' : 'normal' };
}
