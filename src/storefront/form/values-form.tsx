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
import { domId, FormContext, type FormState, useForm } from './form-state.ts';
import { complaintText } from './words.ts';

export interface ValuesFormProps {
  readonly schema: JsonSchema;
  readonly given: JsonObject;
  readonly stored: JsonObject;
  readonly complaints: readonly Complaint[];
  /** Problems that the server told, by path. */
  readonly told: ReadonlyMap<string, string>;
  /** Every complaint is shown, not only those of questions that were answered. */
  readonly all: boolean;
  onChange(given: JsonObject): void;
  onBroken(id: string, problem: string | undefined): void;
}

/** Questions from which on there is a search for one. */
const manyFields = 15;

/** The questions of an app, made from the schema of its values. */
export function ValuesForm(props: ValuesFormProps) {
  const { t } = useShop();
  const { schema, given, stored, complaints, told, all, onChange, onBroken } = props;
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [wanted, setWanted] = useState('');
  const complete = useMemo(() => completed(schema, given), [schema, given]);
  const fields = useMemo(() => fieldsOf(schema, complete), [schema, complete]);
  const count = useMemo(() => allFields(fields).length, [fields]);
  const form: FormState = {
    root: schema,
    given,
    complete,
    stored,
    View: FieldView,
    complaintAt: (id) => {
      const said = told.get(id);
      if (said !== undefined) return said;
      if (!all && !touched.has(id)) return undefined;
      const complaint = complaints.find((one) => one.id === id);
      return complaint === undefined ? undefined : complaintText(complaint, t);
    },
    change: (path, value) => onChange(set(given, path, value)),
    reset: (path) => onChange(unset(given, path)),
    touch: (id) => setTouched((before) => (before.has(id) ? before : new Set([...before, id]))),
    broken: onBroken,
  };
  const found = wanted.trim() === '' ? undefined : findFields(fields, wanted);
  return (
    <FormContext.Provider value={form}>
      {count < manyFields ? null : (
        <label class="field find">
          <span class="field-label">{t.form.find}</span>
          <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
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

/** Questions whose name, title or description has all the words. */
function findFields(fields: readonly Field[], wanted: string): Field[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return allFields(fields)
    .filter(({ kind }) => kind !== 'group')
    .filter(({ id, title, description }) => {
      const text = `${id} ${title} ${description}`.toLowerCase();
      return words.every((word) => text.includes(word));
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

/** The plain questions, then the advanced ones, folded away. */
function Fields({ fields }: { readonly fields: readonly Field[] }) {
  const { t } = useShop();
  const plain = fields.filter(({ advanced }) => !advanced);
  const advanced = fields.filter((field) => field.advanced);
  return (
    <>
      {plain.map((field) => (
        <FieldView key={field.id} field={field} />
      ))}
      {advanced.length === 0 ? null : <Folded title={t.form.advanced(advanced.length)} fields={advanced} />}
    </>
  );
}

/** Opened where something in it is wrong; what is folded is not made before it is opened. */
function Folded({ title, fields }: { readonly title: string; readonly fields: readonly Field[] }) {
  const form = useForm();
  const wrong = allFields(fields).some(({ id }) => form.complaintAt(id) !== undefined);
  const [open, setOpen] = useState(false);
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
