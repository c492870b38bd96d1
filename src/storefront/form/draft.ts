import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import { formatPath, layer, parsePath, valueAt } from '../../domain/given.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ProblemDetail } from '../api/problem.ts';
import { type Complaint, complaints, completed, isAdvice } from './check.ts';
import { changesOf } from './edit.ts';
import { allFields, fieldsOf, shownFields } from './fields.ts';
import { type Broken, domId } from './form-state.ts';
import { answered, fitting } from './kept.ts';
import { needsLinearEngine } from './patterns.ts';
import { loadLinearEngine } from './re2.ts';
import type { ValuesFormProps } from './values-form.tsx';

/** Answers that are being given, before anything is sent. */
export interface Draft {
  readonly given: JsonObject;
  /** What of it is other than what is stored. */
  readonly answers: JsonObject;
  /** How many answers keep it from being sent. */
  readonly wrong: number;
  /** False until the rules of the schema can be checked. */
  readonly ready: boolean;
  /** How many questions had no answer to begin with, and need one. */
  readonly needed: number;
  readonly form: ValuesFormProps;
  /** Shows everything that is wrong and goes to the first of it, unless `quiet`. True where nothing is. */
  settle(options?: { readonly quiet?: boolean }): boolean;
  /** Puts problems of the server to their questions; answers those that have none. */
  tell(problems: readonly ProblemDetail[]): readonly ProblemDetail[];
}

/** Answers over a schema, and those that another version of it asked for. */
interface Answers {
  readonly schema: JsonSchema;
  readonly given: JsonObject;
  readonly rest: JsonObject;
}

function answersOver(schema: JsonSchema, stored: JsonObject, answers: JsonObject): Answers {
  const { fits, rest } = fitting(schema, stored, answers);
  return { schema, given: answered(stored, fits), rest };
}

export interface DraftOptions {
  /** Answers of before. */
  readonly from?: JsonObject | undefined;
  /** Passwords that were made already, by path: they are not made again. */
  readonly made?: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/**
 * The state of a form over a schema; over another one (that of another version) the answers go on as far as they fit, and those that do
 * not are there again when their version is. `stored`: values of before, secrets masked.
 */
export function useDraft(
  schema: JsonSchema,
  stored: JsonObject,
  { from = {}, made = none }: DraftOptions = {},
): Draft {
  const [answers, setAnswers] = useState(() => answersOver(schema, stored, from));
  const current = useMemo(
    () =>
      answers.schema === schema
        ? answers
        : answersOver(schema, stored, layer(answers.rest, changesOf(stored, answers.given))),
    [schema, answers],
  );
  const { given } = current;
  const [broken, setBroken] = useState<ReadonlyMap<string, Broken>>(new Map());
  const [told, setTold] = useState<ReadonlyMap<string, string>>(new Map());
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState('');
  const [fetched, setFetched] = useState(false);
  const needsEngine = useMemo(() => needsLinearEngine(schema), [schema]);
  const ready = fetched || !needsEngine;
  const focus = useRef<readonly string[]>([]);
  useEffect(() => {
    // Where it cannot be fetched, the server checks these patterns alone.
    if (!ready) void loadLinearEngine().finally(() => setFetched(true));
  }, [ready]);
  const found = useMemo<readonly Complaint[]>(
    () => (ready ? complaints(schema, given) : []),
    [schema, given, ready],
  );
  const needed = useMemo(
    () => new Set(ready && !isAdvice(schema) ? neededIn(schema, stored) : []),
    [schema, stored, ready],
  );
  // What is not asked any more is not in the way either.
  const unread = useMemo(
    () => (broken.size === 0 ? [] : stillAsked([...broken.keys()], completed(schema, given), schema)),
    [schema, given, broken],
  );
  const hard = isAdvice(schema) ? [] : found;
  useEffect(() => {
    focusOnFirst(focus.current);
    focus.current = [];
  });
  const changes = useMemo(() => changesOf(stored, given), [stored, given]);
  return {
    given,
    answers: changes,
    ready,
    needed: needed.size,
    wrong: new Set([...unread, ...hard.map(({ id }) => id)]).size,
    form: {
      schema,
      given,
      stored,
      complaints: found,
      told,
      broken,
      needed,
      made,
      all,
      wanted,
      onFind: setWanted,
      onChange: (next) => {
        setAnswers({ ...current, given: next });
        setTold(new Map());
      },
      onBroken: (id, one) =>
        setBroken((before) => {
          if (one === undefined && !before.has(id)) return before;
          const others = [...before].filter(([other]) => other !== id);
          return new Map(one === undefined ? others : [...others, [id, one]]);
        }),
    },
    settle: ({ quiet = false } = {}) => {
      const wrong = [...unread, ...hard.map(({ id }) => id)];
      if (wrong.length === 0) return true;
      setAll(true);
      // What is searched for is not what is wrong: everything is shown again.
      setWanted('');
      if (!quiet) focus.current = wrong;
      return false;
    },
    tell: (problems) => {
      const known = new Set(allFields(fieldsOf(schema, given)).map(({ id }) => id));
      const ours = problems.filter(({ at }) => at !== undefined && known.has(at));
      setTold(new Map(ours.map(({ at = '', message }) => [at, message])));
      if (ours.length > 0) setWanted('');
      focus.current = ours.flatMap(({ at }) => (at === undefined ? [] : [at]));
      return problems.filter((problem) => !ours.includes(problem));
    },
  };
}

/** Those of these questions that are on the page: in no group that is off, and in no entry of a list that was taken out. */
function stillAsked(ids: readonly string[], complete: JsonObject, schema: JsonSchema): readonly string[] {
  const asked = new Set(shownFields(fieldsOf(schema, complete), complete).map(({ id }) => id));
  return ids.filter((id) => {
    const path = parsePath(id);
    const list = path.findIndex((step) => typeof step === 'number');
    if (list < 0) return asked.has(id);
    return (
      asked.has(formatPath(path.slice(0, list))) && valueAt(complete, path.slice(0, list + 1)) !== undefined
    );
  });
}

/** Questions without an answer that need one, before anybody answers any. */
function neededIn(schema: JsonSchema, stored: JsonObject): readonly string[] {
  return complaints(schema, stored)
    .filter(({ keyword, id }) => {
      const value = valueAt(completed(schema, stored), parsePath(id));
      return keyword === 'required' || value === '' || value === undefined;
    })
    .map(({ id }) => id);
}

/** The first of these questions, in the order in which they stand on the page. */
function focusOnFirst(ids: readonly string[]): void {
  const [first] = ids
    .flatMap((id) => placeOf(id) ?? [])
    .sort((one, other) =>
      (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING) === 0 ? -1 : 1,
    );
  const row = first?.matches('[role=group]') ? first.querySelector('[aria-invalid=true]') : null;
  const place = row instanceof HTMLElement ? row : first;
  place?.focus();
  place?.scrollIntoView({ block: 'center' });
}

/** The question itself, or the nearest around it. */
function placeOf(id: string): HTMLElement | undefined {
  for (let at = id; at !== ''; at = at.replace(/(?:\.|^)[^.]*$/, '')) {
    const element = document.getElementById(domId(at));
    if (element !== null) return element;
  }
  return undefined;
}
