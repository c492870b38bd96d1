import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ProblemDetail } from '../api/problem.ts';
import { type Complaint, complaints, isAdvice } from './check.ts';
import { allFields, fieldsOf } from './fields.ts';
import { domId } from './form-state.ts';
import { needsLinearEngine } from './patterns.ts';
import { loadLinearEngine } from './re2.ts';
import type { ValuesFormProps } from './values-form.tsx';

/** Answers that are being given, before anything is sent. */
export interface Draft {
  readonly given: JsonObject;
  /** How many answers keep it from being sent. */
  readonly wrong: number;
  /** False until the rules of the schema can be checked. */
  readonly ready: boolean;
  readonly form: ValuesFormProps;
  /** Shows everything that is wrong and goes to the first of it. True where nothing is. */
  settle(): boolean;
  /** Puts problems of the server to their questions; answers those that have none. */
  tell(problems: readonly ProblemDetail[]): readonly ProblemDetail[];
}

/** The state of a form over a schema. `stored`: values of before, secrets masked. */
export function useDraft(schema: JsonSchema, stored: JsonObject): Draft {
  const [given, setGiven] = useState<JsonObject>(stored);
  const [broken, setBroken] = useState<Readonly<Record<string, string>>>({});
  const [told, setTold] = useState<ReadonlyMap<string, string>>(new Map());
  const [all, setAll] = useState(false);
  const [ready, setReady] = useState(() => !needsLinearEngine(schema));
  const focus = useRef<string>(undefined);
  useEffect(() => {
    // Where it cannot be fetched, the server checks these patterns alone.
    if (!ready) void loadLinearEngine().finally(() => setReady(true));
  }, [ready]);
  const found = useMemo<readonly Complaint[]>(
    () => (ready ? complaints(schema, given) : []),
    [schema, given, ready],
  );
  const hard = isAdvice(schema) ? [] : found;
  useEffect(() => {
    if (focus.current === undefined) return;
    focusOn(focus.current);
    focus.current = undefined;
  });
  return {
    given,
    ready,
    wrong: hard.length + Object.keys(broken).length,
    form: {
      schema,
      given,
      stored,
      complaints: found,
      told,
      all,
      onChange: (next) => {
        setGiven(next);
        setTold(new Map());
      },
      onBroken: (id, problem) =>
        setBroken(({ [id]: _, ...rest }) => (problem === undefined ? rest : { ...rest, [id]: problem })),
    },
    settle: () => {
      const [first] = [...Object.keys(broken), ...hard.map(({ id }) => id)];
      if (first === undefined) return true;
      setAll(true);
      focus.current = first;
      return false;
    },
    tell: (problems) => {
      const known = new Set(allFields(fieldsOf(schema, given)).map(({ id }) => id));
      const ours = problems.filter(({ at }) => at !== undefined && known.has(at));
      setTold(new Map(ours.map(({ at = '', message }) => [at, message])));
      focus.current = ours[0]?.at;
      return problems.filter((problem) => !ours.includes(problem));
    },
  };
}

/** The question itself, or the nearest around it. */
function focusOn(id: string): void {
  for (let at = id; at !== ''; at = at.replace(/(?:\.|^)[^.]*$/, '')) {
    const element = document.getElementById(domId(at));
    if (element === null) continue;
    element.focus();
    element.scrollIntoView({ block: 'center' });
    return;
  }
}
