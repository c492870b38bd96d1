import { type ComponentType, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import type { PathStep } from '../../domain/given.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { Field } from './fields.ts';

/** What was typed and is no value yet. */
export interface Broken {
  readonly problem: string;
  readonly typed: unknown;
}

/** What the fields of a form share. */
export interface FormState {
  readonly root: JsonSchema;
  /** What was given, by who fills it in and before. */
  readonly given: JsonObject;
  /** The same over the defaults. */
  readonly complete: JsonObject;
  /** Stored secrets are here, masked. */
  readonly stored: JsonObject;
  /** Questions that had no answer to begin with, and need one. */
  readonly needed: ReadonlySet<string>;
  /** Passwords that were made already, by path: they stay as they are. */
  readonly made: ReadonlySet<string>;
  /** Shows a question, or a group of them: entries of lists are questions, too. */
  readonly View: ComponentType<{ readonly field: Field }>;
  complaintAt(id: string): string | undefined;
  change(path: readonly PathStep[], value: Json): void;
  reset(path: readonly PathStep[]): void;
  /** From now on it is told what is wrong with this one. */
  touch(id: string): void;
  /** What is no value yet keeps the form from being sent: why, and what was typed, which is shown where the question is shown again. */
  broken(id: string, broken: Broken | undefined): void;
  brokenAt(id: string): Broken | undefined;
}

export const FormContext = createContext<FormState | undefined>(undefined);

export function useForm(): FormState {
  const form = useContext(FormContext);
  if (form === undefined) throw new Error('outside of a form');
  return form;
}

/** The id of a question in the page. */
export function domId(id: string): string {
  return `value-${id.replace(/[^\w-]/g, (character) => `_${character.codePointAt(0)}_`)}`;
}
