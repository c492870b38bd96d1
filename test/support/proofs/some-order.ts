/** Commands that the model knows, on an app of which revision 1 is version 1. */
export type Writer = 'install' | 'upgrade' | 'rollback' | 'repair' | 'remove' | 'forget';

/** What a process said at its end: an outcome with the revision where it made one, or the code of its error. */
export interface Said {
  readonly writer: Writer;
  /** `changed 3`, `unchanged`, `repaired`, `removed`, `forgotten`, or an error code. */
  readonly result: string;
}

/** An installation as far as the answers of commands depend on it. */
export interface Model {
  readonly is: 'absent' | 'installed' | 'forgotten';
  readonly version: 1 | 2;
  readonly revision: number;
  /** An object of it was deleted by somebody. */
  readonly drifted: boolean;
}

const absent: Model = { is: 'absent', version: 1, revision: 0, drifted: false };

interface Step {
  readonly result: string;
  readonly after: Model;
}

/** What a command answers where it has the installation for itself. */
function step(writer: Writer, model: Model): Step {
  if (writer === 'install') return install(model);
  if (model.is !== 'installed') return { result: 'INSTALLATION_NOT_FOUND', after: model };
  switch (writer) {
    case 'upgrade':
      return change(model, 2);
    case 'rollback':
      return change(model, 1);
    case 'repair':
      return model.drifted
        ? { result: 'repaired', after: { ...model, drifted: false } }
        : { result: 'unchanged', after: model };
    case 'remove':
      return { result: 'removed', after: absent };
    case 'forget':
      return { result: 'forgotten', after: { ...model, is: 'forgotten' } };
  }
}

function install(model: Model): Step {
  if (model.is === 'installed') return { result: 'ALREADY_INSTALLED', after: model };
  if (model.is === 'forgotten') return { result: 'OBJECT_ADOPTABLE', after: model };
  return { result: 'changed 1', after: { is: 'installed', version: 1, revision: 1, drifted: false } };
}

function change(model: Model, version: 1 | 2): Step {
  if (model.version === version && !model.drifted) return { result: 'unchanged', after: model };
  const revision = model.revision + 1;
  return { result: `changed ${revision}`, after: { is: 'installed', version, revision, drifted: false } };
}

/** A process that was refused because another one held the lock did nothing, whenever that was. */
const locked = 'INSTALLATION_LOCKED';

/**
 * Ends of all orders in which one after the other gives just the answers that were given at once; none where there is no such
 * order. Equal answers of equal commands are interchangeable, so that few states are met.
 */
export function endsOfSomeOrder(begin: Model, said: readonly Said[]): readonly Model[] {
  const ends = new Map<string, Model>();
  const met = new Set<string>();
  const go = (model: Model, left: readonly Said[]): void => {
    const key = JSON.stringify([model, left.map(({ writer, result }) => `${writer} ${result}`).sort()]);
    if (met.has(key)) return;
    met.add(key);
    if (left.length === 0) ends.set(JSON.stringify(model), model);
    for (const [index, one] of left.entries()) {
      const { result, after } = step(one.writer, model);
      if (result === one.result) go(after, left.toSpliced(index, 1));
    }
  };
  go(
    begin,
    said.filter(({ result }) => result !== locked),
  );
  return [...ends.values()];
}
