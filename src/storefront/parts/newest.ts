import type { App } from '../api/types.ts';

type Versions = readonly Pick<App['versions'][number], 'version' | 'yanked'>[];

/** `1.1.0-alpha.1`, not `1.1.0+build-3`. */
function isPrerelease(version: string): boolean {
  return /^[^+]*-/.test(version);
}

/** The version that an app has where none is named, as the server chooses it: no prerelease, and none that was taken back. `versions`: newest first. */
export function newestOf(versions: Versions): string {
  const kept = versions.filter(({ yanked }) => yanked === undefined);
  const stable = kept.find(({ version }) => !isPrerelease(version));
  return (stable ?? kept[0] ?? versions[0])?.version ?? '';
}
