import { randomBytes } from 'node:crypto';
import { type IndexPlace, indexRepository } from './index-artifact.ts';
import { openRepository } from './registry.ts';

/** A tag of this moment that nobody else makes: `v1-push-20261126T154200-<random>`. */
export function timedTag(prefix: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15);
  return `${prefix}-${time}-${randomBytes(16).toString('hex')}`;
}

const timed = /^(.+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})-[0-9a-f]{32}$/;

/** When a tag of ours was made, in milliseconds; NaN for any other tag. */
export function timeOfTag(prefix: string, tag: string): number {
  const [, found, year, month, date, hour, minute, second] = timed.exec(tag) ?? [];
  return found === prefix ? Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`) : Number.NaN;
}

/** Tags beside the index that were made within a time of now, before or after: clocks differ. */
export async function recentTags(
  { location, registry }: IndexPlace,
  prefix: string,
  { now, within, signal }: { readonly now: Date; readonly within: number; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const tags = await openRepository(registry, ...indexRepository(location)).tags(signal);
  return (tags ?? []).filter((tag) => Math.abs(now.getTime() - timeOfTag(prefix, tag)) < within);
}
