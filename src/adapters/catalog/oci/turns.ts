import { AppstoreError } from '../../../domain/errors.ts';
import { isObject } from '../../../domain/json.ts';
import { pause } from '../../kubernetes/deadline.ts';
import { type IndexPlace, indexRepository } from './index-artifact.ts';
import { openRepository } from './registry.ts';
import { recentTags, timedTag, timeOfTag } from './timed-tags.ts';
import { emptyConfig, indexArtifact } from './types.ts';
import { openUploads } from './upload.ts';

const prefix = `${indexArtifact.tag}-turn`;
const minute = 60_000;

/** A turn that was not given back counts for so long: its process was killed. Whoever has one ends long before. */
const lasts = 15 * minute;
const longestWork = 5 * minute;

/** Whoever finds others tries again for a minute or so. */
const usualTries = 60;
const longestPause = 2_000;

export interface Turns {
  now(): Date;
  readonly signal: AbortSignal;
  readonly tries?: number;
}

/**
 * Does work on the index of a catalog while nobody else who takes turns does theirs.
 *
 * A registry knows no lock. So each leaves a tag that says that it is at work, and lists the tags after that: where another one is at
 * work, it takes its own back and tries again later. Of two, the one that lists last sees the other, so they are never at work together; both may
 * give way (decision 0048).
 *
 * @throws AppstoreError CATALOG_UNREACHABLE where others were at work all the time, and what `work` throws
 */
export async function inTurn<T>(
  place: IndexPlace,
  { now, signal, tries = usualTries }: Turns,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // One for all tries: few registries let tags be deleted.
  const own = timedTag(prefix, now());
  let others: readonly string[] = [];
  for (let round = 0; round < tries; round += 1) {
    await say(place, own, 'at work', signal);
    try {
      others = await atWork(place, own, { now: now(), signal });
      if (others.length === 0) return await inTime(place, work, signal);
    } finally {
      // Also where the command was stopped: the next one need not wait then.
      await say(place, own, 'done', AbortSignal.timeout(minute)).catch(() => {});
    }
    await pause(Math.random() * Math.min(longestPause, 50 * 2 ** round), signal);
  }
  throw busyError(place, others);
}

async function inTime<T>(
  place: IndexPlace,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(tooLong(place)), longestWork);
  try {
    return await work(AbortSignal.any([signal, time.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function say(
  { location, registry }: IndexPlace,
  tag: string,
  state: 'at work' | 'done',
  signal: AbortSignal,
): Promise<void> {
  const uploads = openUploads(registry, ...indexRepository(location));
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  const annotations = { [indexArtifact.turn]: state };
  await uploads.manifest(
    tag,
    { artifactType: indexArtifact.artifactType, config: { ...config }, layers: [{ ...config }], annotations },
    signal,
  );
}

async function atWork(
  place: IndexPlace,
  own: string,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const repository = openRepository(place.registry, ...indexRepository(place.location));
  const found: string[] = [];
  for (const tag of await recentTags(place, prefix, { now, within: lasts, signal })) {
    if (tag === own) continue;
    const annotations = (await repository.manifest(tag, signal))?.content.annotations;
    const state = isObject(annotations) ? annotations[indexArtifact.turn] : undefined;
    if (state !== 'done') found.push(tag);
  }
  return found;
}

function tooLong({ location }: IndexPlace): AppstoreError {
  return new AppstoreError(
    'CATALOG_UNREACHABLE',
    `signing the index at ${location} was not done after ${longestWork / minute} minutes.`,
    { hint: 'The apps are there. Push again, over a faster line.' },
  );
}

function busyError({ location }: IndexPlace, [tag = '']: readonly string[]): AppstoreError {
  const until = new Date(timeOfTag(prefix, tag) + lasts).toISOString();
  return new AppstoreError(
    'CATALOG_UNREACHABLE',
    `somebody else is signing the index at ${location} (${tag}).`,
    {
      hint: `The apps are there, and nothing was signed. Push again in a minute. If that push was killed, it is in the way until ${until}, or until its tag is deleted.`,
    },
  );
}
