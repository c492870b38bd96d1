import { useMemo, useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import { valueAt } from '../../domain/given.ts';
import type { JsonObject } from '../../domain/json.ts';
import { MarkdownText } from '../parts/markdown.tsx';
import { useShop } from '../shop.ts';
import { type Complaint, completed } from './check.ts';
import { Control } from './control.tsx';
import { set, unset } from './edit.ts';
import { allFields, type Field, fieldsOf, switchOf } from './fields.ts';
import { type Broken, domId, FormContext, type FormState, useForm } from './form-state.ts';
import { complaintText } from './words.ts';

export interface ValuesFormProps {
  readonly schema: JsonSchema;
  readonly given: JsonObject;
  readonly stored: JsonObject;
  readonly complaints: readonly Complaint[];
  /** Problems that the server told, by path. */
  readonly told: ReadonlyMap<string, string>;
  /** What was typed and is no value yet, by path. */
  readonly broken: ReadonlyMap<string, Broken>;
  /** Questions that had no answer to begin with, and need one: they come first. */
  readonly needed: ReadonlySet<string>;
  /** Passwords that were made already, by path. */
  readonly made: ReadonlySet<string>;
  /** What is searched for. */
  readonly wanted: string;
  onFind(wanted: string): void;
  /** Every complaint is shown, not only those of questions that were answered. */
  readonly all: boolean;
  onChange(given: JsonObject): void;
  onBroken(id: string, broken: Broken | undefined): void;
}

/** Questions from which on there is a search for one. */
const manyFields = 15;

/** The questions of an app, made from the schema of its values. */
export function ValuesForm(props: ValuesFormProps) {
  const { t } = useShop();
  const { schema, given, stored, complaints, told, broken, needed, made, all, wanted, onChange } = props;
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const complete = useMemo(() => completed(schema, given), [schema, given]);
  const fields = useMemo(() => fieldsOf(schema, complete), [schema, complete]);
  const count = useMemo(() => allFields(fields).length, [fields]);
  const form: FormState = {
    root: schema,
    given,
    complete,
    stored,
    needed,
    made,
    View: FieldView,
    complaintAt: (id) => {
      const said = told.get(id) ?? broken.get(id)?.problem;
      if (said !== undefined) return said;
      if (!all && !touched.has(id)) return undefined;
      const complaint = complaints.find((one) => one.id === id);
      return complaint === undefined ? undefined : complaintText(complaint, t);
    },
    change: (path, value) => onChange(set(given, path, value)),
    reset: (path) => onChange(unset(given, path)),
    touch: (id) => setTouched((before) => (before.has(id) ? before : new Set([...before, id]))),
    broken: props.onBroken,
    brokenAt: (id) => broken.get(id),
  };
  const found = wanted.trim() === '' ? undefined : findFields(fields, wanted, broken);
  return (
    <FormContext.Provider value={form}>
      {count < manyFields ? null : (
        <label class="field find">
          <span class="field-label">{t.form.find}</span>
          <input
            type="search"
            value={wanted}
            onInput={(event) => props.onFind(event.currentTarget.value)}
            onKeyDown={(event) => {
              // It finds as one types; the form is not done by it.
              if (event.key === 'Enter') event.preventDefault();
            }}
          />
        </label>
      )}
      {found === undefined ? (
        <Sections fields={fields} />
      ) : found.length === 0 ? (
        <p class="quiet" role="status">
          {t.form.findNone}
        </p>
      ) : (
        found.map((field) => <FieldView key={field.id} field={field} />)
      )}
    </FormContext.Provider>
  );
}

/** Questions whose name, title or description has all the words, and those where something typed would be lost. */
function findFields(fields: readonly Field[], wanted: string, broken: ReadonlyMap<string, Broken>): Field[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return allFields(fields)
    .filter(({ kind }) => kind !== 'group')
    .filter(({ id, title, description }) => {
      const text = `${id} ${title} ${description}`.toLowerCase();
      return broken.has(id) || words.every((word) => text.includes(word));
    })
    .slice(0, 40);
}

/** Headings of the package, if it has some; the questions without a heading come first. */
function Sections({ fields }: { readonly fields: readonly Field[] }) {
  const { t } = useShop();
  const sections = [...new Set(fields.map(({ section }) => section))];
  if (sections.length < 2) return <Fields fields={fields} />;
  const of = (name: string) => fields.filter(({ section }) => section === name);
  return (
    <>
      <Fields fields={of('')} />
      {sections
        .filter((name) => name !== '')
        .map((name) => (
          <Folded key={name} title={name === '' ? t.form.other : name} fields={of(name)} />
        ))}
    </>
  );
}

/** What needs an answer, the other plain questions, then the advanced ones, folded away. */
function Fields({ fields }: { readonly fields: readonly Field[] }) {
  const { t } = useShop();
  const form = useForm();
  const needed = fields.filter((field) => isNeeded(field, form));
  const others = fields.filter((field) => !needed.includes(field));
  const plain = others.filter(({ advanced }) => !advanced);
  const advanced = others.filter((field) => field.advanced);
  return (
    <>
      {[...needed, ...plain].map((field) => (
        <FieldView key={field.id} field={field} />
      ))}
      {advanced.length === 0 ? null : <Folded title={t.form.advanced(advanced.length)} fields={advanced} />}
    </>
  );
}

function isNeeded(field: Field, { needed }: FormState): boolean {
  return allFields([field]).some(({ id }) => needed.has(id));
}

/** Opened where something in it is wrong or needed; what is folded is not made before it is opened. */
function Folded({ title, fields }: { readonly title: string; readonly fields: readonly Field[] }) {
  const form = useForm();
  const wrong = allFields(fields).some(({ id }) => form.complaintAt(id) !== undefined);
  const [open, setOpen] = useState(() => fields.some((field) => isNeeded(field, form)));
  const shown = open || wrong;
  return (
    <details class="fold" open={shown} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {shown ? (
        <div class="fold-inner">
          {fields.map((field) => (
            <FieldView key={field.id} field={{ ...field, advanced: false }} />
          ))}
        </div>
      ) : null}
    </details>
  );
}

/** One question, or a group of them. */
function FieldView({ field }: { readonly field: Field }) {
  return field.kind === 'group' ? <Group field={field} /> : <Control field={field} />;
}

function Group({ field }: { readonly field: Field }) {
  const form = useForm();
  const turn = switchOf(field);
  const on = turn === undefined || valueAt(form.complete, turn.path) === true;
  const others = field.children.filter((child) => child !== turn);
  return (
    <fieldset class="group" id={domId(field.id)}>
      <legend>{field.title}</legend>
      {field.description === '' ? null : (
        <p class="hint">
          <MarkdownText text={field.description} />
        </p>
      )}
      {turn === undefined ? null : <FieldView field={turn} />}
      {on ? <Fields fields={others} /> : null}
    </fieldset>
  );
}
