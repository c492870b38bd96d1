import type { KubeObject } from '../domain/objects.ts';
import type { StoredPart } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';

/** One part of what is stored of a revision. */
export function storedOutput(part: StoredPart) {
  switch (part.part) {
    case 'values':
      return valuesOutput(part);
    case 'manifest':
      return manifestOutput(part.objects);
    case 'notes':
      return { apiVersion, kind: 'Notes' as const, notes: part.notes };
    case 'outputs':
      return { apiVersion, kind: 'OutputList' as const, items: part.outputs };
  }
}

/** The user's own values. */
function valuesOutput({
  part: _,
  pending: __,
  ofHelm: ___,
  ...given
}: Extract<StoredPart, { part: 'values' }>) {
  return { apiVersion, kind: 'UserValues' as const, ...given };
}

/** Objects as a List that kubectl reads. */
export function manifestOutput(objects: readonly KubeObject[]) {
  return { apiVersion: 'v1' as const, kind: 'List' as const, items: objects };
}
