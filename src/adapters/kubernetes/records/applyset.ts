import type { InventoryEntry } from '../../../domain/inventory.ts';
import { annotations } from './names.ts';

/** All annotations of an object together may have 256 KiB; lists for other ApplySet tools take at most a quarter. */
const longestList = 64 * 1024;

/** `<tool>/<semver>` as the KEP wants it. The version is that of the record format, so that programs do not rewrite it in turn. */
const tooling = 'appstore/v1.0.0';

/**
 * What makes the index the parent of an ApplySet (KEP-3659): which kinds and which other namespaces its members have, so that
 * tools that know ApplySets find them. Our own pruning goes by the inventory and never reads these.
 */
export function applySetAnnotations(
  namespace: string,
  inventory: readonly InventoryEntry[],
): Record<string, string> {
  const kinds = inventory.map(({ kind, group }) => (group === '' ? kind : `${kind}.${group}`));
  const others = inventory.map((entry) => entry.namespace).filter((one) => one !== '' && one !== namespace);
  return {
    [annotations.tooling]: tooling,
    [annotations.groupKinds]: sortedList(kinds),
    [annotations.namespaces]: sortedList(others),
  };
}

function sortedList(words: readonly string[]): string {
  const list = [...new Set(words)].sort().join(',');
  return list.length <= longestList ? list : list.slice(0, list.lastIndexOf(',', longestList));
}
