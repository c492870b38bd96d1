import { readdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** Every folder below one that is a chart and not part of another chart, sorted. */
export async function chartsIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.name === 'Chart.yaml' && !entry.isDirectory())
    .map((entry) => entry.parentPath);
  const all = new Set(folders);
  return folders.filter((folder) => !isInside(folder, root, all)).sort();
}

function isInside(folder: string, root: string, charts: ReadonlySet<string>): boolean {
  for (let at = dirname(folder); at.length >= root.length && at.includes(sep); at = dirname(at))
    if (charts.has(at)) return true;
  return false;
}

/** A chart's name for people: its folder below the root. */
export function nameOf(root: string, folder: string): string {
  return folder === root ? '.' : folder.slice(join(root, sep).length);
}
