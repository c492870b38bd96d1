import type { Clock, Cluster } from '../../../src/services/ports.ts';

/** Before or after which write a process dies; writes are counted from 1. */
export interface DeathAt {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** A cluster as one process sees it that dies with `kill -9`: from then on it sends nothing and nothing returns. */
export interface Killable {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Resolves when the process is dead. */
  readonly dead: Promise<'dead'>;
  /** What was written so far, `verb Kind/name` a write. */
  readonly writes: readonly string[];
}

const mutating = ['create', 'replace', 'apply', 'applyMetadata', 'mergePatch', 'delete'] as const;
type Mutating = (typeof mutating)[number];

/** Lets a process die at a write, or never where none is said: then it only counts. */
export function killable(cluster: Cluster, clock: Clock, at?: DeathAt): Killable {
  const { promise, resolve } = Promise.withResolvers<'dead'>();
  const writes: string[] = [];
  let dead = false;
  const die = () => {
    dead = true;
    resolve('dead');
    return never();
  };
  // What was sent before the death is carried out; its answer reaches nobody.
  const answer = async <T>(call: Promise<T>): Promise<T> => {
    const settled = await call.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    return dead ? never<T>() : settled();
  };
  const write = async (verb: Mutating, args: unknown[]): Promise<unknown> => {
    if (dead) return never();
    const call = () => (cluster[verb] as (...all: unknown[]) => Promise<unknown>)(...args);
    if (isDryRun(args)) return answer(call());
    writes.push(`${verb} ${nameOf(args[0])}`);
    const isLast = at !== undefined && writes.length === at.write;
    if (isLast && at.when === 'before') return die();
    if (!isLast) return answer(call());
    await call().catch(() => undefined);
    return die();
  };
  const wrapped = new Proxy(cluster, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (mutating.some((verb) => verb === key)) return (...args: unknown[]) => write(key as Mutating, args);
      if (typeof found !== 'function' || key === 'close' || key === 'forgetDiscovery') return found;
      if (key === 'watch' || key === 'watchMetadata') return found.bind(target);
      return (...args: unknown[]) => (dead ? never() : answer(Promise.resolve(found.apply(target, args))));
    },
  });
  return {
    cluster: wrapped,
    clock: { ...clock, sleep: (...args) => (dead ? never() : answer(clock.sleep(...args))) },
    dead: promise,
    writes,
  };
}

function never<T = never>(): Promise<T> {
  return new Promise(() => undefined);
}

function isDryRun(args: readonly unknown[]): boolean {
  return args.some(
    (arg) => typeof arg === 'object' && arg !== null && 'dryRun' in arg && arg.dryRun === true,
  );
}

function nameOf(target: unknown): string {
  const { kind, name, metadata } = target as { kind: string; name?: string; metadata?: { name: string } };
  return `${kind}/${name ?? metadata?.name}`;
}
