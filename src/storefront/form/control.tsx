import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { valueAt } from '../../domain/given.ts';
import type { Json } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { jsonEqual } from '../../domain/json-equal.ts';
import { Icon } from '../parts/icons.tsx';
import { MarkdownText } from '../parts/markdown.tsx';
import { useShop } from '../shop.ts';
import { holdsMask } from './edit.ts';
import { entryField, type Field } from './fields.ts';
import { domId, useForm } from './form-state.ts';
import { FreeText } from './free-text.tsx';
import { type Pair, type PairFault, pairFault, pairValues } from './pairs.ts';
import { formatText, valueText } from './words.ts';

/** Names of what describes a control, for `aria-describedby`. */
interface Described {
  readonly id: string;
  readonly labelId: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

/** A question with its label, its hints, what is wrong with it, and the way back to the default. */
export function Control({ field }: { readonly field: Field }) {
  const { t } = useShop();
  const form = useForm();
  const base = useId();
  const wrong = form.complaintAt(field.id);
  const hints = hintsOf(field, t);
  const hintId = `${base}-hint`;
  const wrongId = `${base}-wrong`;
  const described: Described = {
    id: domId(field.id),
    labelId: `${base}-label`,
    describedBy:
      [hints.length === 0 ? '' : hintId, wrong === undefined ? '' : wrongId]
        .filter((id) => id !== '')
        .join(' ') || undefined,
    invalid: wrong !== undefined,
  };
  const many = field.kind === 'list' || field.kind === 'map';
  const title = (
    <>
      {field.title}
      {(field.required && !field.generated) || form.needed.has(field.id) ? (
        <span class="needed"> ({t.form.required})</span>
      ) : null}
    </>
  );
  return (
    <div class={`field field-${field.kind}${wrong === undefined ? '' : ' field-wrong'}`}>
      <div class="field-head">
        {many || field.kind === 'switch' ? (
          <span class="field-label" id={described.labelId}>
            {title}
          </span>
        ) : (
          <label class="field-label" id={described.labelId} for={described.id}>
            {title}
          </label>
        )}
        <Reset field={field} />
      </div>
      <Input field={field} described={described} />
      {hints.length === 0 ? null : (
        <p class="hint" id={hintId}>
          <MarkdownText text={hints.join(' ')} />
        </p>
      )}
      {wrong === undefined ? null : (
        <p class="wrong" id={wrongId}>
          <Icon name="warn" size={16} /> {wrong}
        </p>
      )}
    </div>
  );
}

function hintsOf({ description, title, schema, kind }: Field, t: ReturnType<typeof useShop>['t']): string[] {
  const { default: preset, examples } = schema;
  const [example] = examples ?? [];
  const format = formatText(schema.format ?? '', t);
  const isShown = kind === 'text' || kind === 'number';
  const hasPreset = preset !== undefined && preset !== '' && preset !== null;
  return [
    ...(description === '' || description.replace(/\.$/, '') === title ? [] : [description]),
    ...(description === '' && format !== undefined ? [format] : []),
    ...(isShown && hasPreset ? [t.form.defaultIs(valueText(preset, t))] : []),
    ...(isShown && !hasPreset && example !== undefined ? [t.form.example(valueText(example, t))] : []),
  ];
}

/** Only where something was given that is not the default. */
function Reset({ field }: { readonly field: Field }) {
  const { t } = useShop();
  const form = useForm();
  const given = valueAt(form.given, field.path);
  if (given === undefined || field.kind === 'secret' || typeof field.path.at(-1) === 'number') return null;
  if (field.schema.default !== undefined && jsonEqual(given, field.schema.default)) return null;
  return (
    <button
      type="button"
      class="link"
      aria-label={t.form.resetOf(field.title)}
      onClick={() => {
        form.broken(field.id, undefined);
        form.reset(field.path);
        // The button itself is gone.
        document.getElementById(domId(field.id))?.focus();
      }}
    >
      {t.form.reset}
    </button>
  );
}

interface InputProps {
  readonly field: Field;
  readonly described: Described;
}

function Input({ field, described }: InputProps) {
  switch (field.kind) {
    case 'switch':
      return <Switch field={field} described={described} />;
    case 'choice':
      return <Choice field={field} described={described} />;
    case 'secret':
      return <Secret field={field} described={described} />;
    case 'list':
      return <List field={field} described={described} />;
    case 'map':
      return <Pairs field={field} described={described} />;
    case 'free':
      return <FreeText field={field} {...described} />;
    default:
      return <Text field={field} described={described} />;
  }
}

function aria({ id, describedBy, invalid }: Described) {
  return {
    id,
    ...(describedBy === undefined ? {} : { 'aria-describedby': describedBy }),
    ...(invalid ? { 'aria-invalid': true } : {}),
  };
}

function Text({ field, described }: InputProps) {
  const form = useForm();
  const value = valueAt(form.complete, field.path);
  const { schema, kind, required } = field;
  const change = (text: string) => form.change(field.path, kind === 'number' ? numberOf(text) : text);
  const shared = {
    ...aria(described),
    value:
      value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value),
    spellcheck: false,
    autoComplete: 'off',
    'aria-required': required,
    onBlur: () => form.touch(field.id),
  };
  if (kind === 'lines')
    return (
      <textarea
        {...shared}
        class="code"
        rows={Math.min(14, Math.max(4, shared.value.split('\n').length + 1))}
        onInput={(event) => change(event.currentTarget.value)}
      />
    );
  return (
    <input
      {...shared}
      type={inputType(schema.format) as 'text'}
      inputMode={kind === 'number' || schema.format === 'port' ? 'decimal' : undefined}
      class={kind === 'number' || schema.format === 'quantity' || schema.format === 'port' ? 'narrow' : ''}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

/** Keyboards of phones; the checks are the schema's. */
function inputType(format: string | undefined): 'email' | 'url' | 'text' {
  if (format === 'email') return 'email';
  return format === 'uri' ? 'url' : 'text';
}

/** What is no number stays a text: the schema says that it has to be one. An empty text takes the default away. */
function numberOf(text: string): Json {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : text;
}

function Switch({ field, described }: InputProps) {
  const { t } = useShop();
  const form = useForm();
  const on = valueAt(form.complete, field.path) === true;
  return (
    <label class="switch">
      <input
        {...aria(described)}
        type="checkbox"
        checked={on}
        aria-labelledby={described.labelId}
        onChange={(event) => {
          form.change(field.path, event.currentTarget.checked);
          form.touch(field.id);
        }}
      />
      <span class="switch-track" aria-hidden="true" />
      <span aria-hidden="true">{on ? t.form.yes : t.form.no}</span>
    </label>
  );
}

function Choice({ field, described }: InputProps) {
  const { t } = useShop();
  const form = useForm();
  const value = valueAt(form.complete, field.path);
  const at = field.choices.findIndex((choice) => jsonEqual(choice, value ?? null));
  return (
    <select
      {...aria(described)}
      value={at < 0 ? '' : String(at)}
      onChange={(event) => {
        const choice = field.choices[Number(event.currentTarget.value)];
        if (event.currentTarget.value === '') form.reset(field.path);
        else if (choice !== undefined) form.change(field.path, choice);
        form.touch(field.id);
      }}
    >
      {at < 0 ? <option value="">{t.form.choose}</option> : null}
      {field.choices.map((choice, index) => (
        <option key={JSON.stringify(choice)} value={String(index)}>
          {valueText(choice, t)}
        </option>
      ))}
    </select>
  );
}

function Secret({ field, described }: InputProps) {
  const { t } = useShop();
  const form = useForm();
  const [seen, setSeen] = useState(false);
  const given = valueAt(form.given, field.path);
  const stored = valueAt(form.stored, field.path);
  const isStored = holdsMask(stored);
  const isMade = !isStored && form.made.has(field.id);
  const [own, setOwn] = useState(false);
  const isNone = given === undefined || given === '';
  const kept = (isStored && holdsMask(given)) || (isMade && isNone && !own);
  const asks = !kept && (!field.generated || own || !isNone);
  if (!asks)
    return (
      <div class="secret-made" id={described.id} tabIndex={-1}>
        <Icon name={kept ? 'keep' : 'key'} size={18} />
        <span>{kept ? t.form.keptSecret : t.form.generated}</span>
        <button
          type="button"
          class="link"
          aria-describedby={described.labelId}
          onClick={() => {
            setOwn(true);
            form.change(field.path, '');
          }}
        >
          {kept ? t.form.changeSecret : t.form.ownSecret}
        </button>
      </div>
    );
  return (
    <div class="secret-own">
      <div class="with-button">
        <input
          {...aria(described)}
          type={(seen ? 'text' : 'password') as 'password'}
          value={typeof given === 'string' ? given : ''}
          autoComplete="new-password"
          spellcheck={false}
          onInput={(event) => form.change(field.path, event.currentTarget.value)}
          onBlur={() => form.touch(field.id)}
        />
        <button
          type="button"
          class="button"
          aria-pressed={seen}
          aria-label={t.form.showOf(field.title)}
          onClick={() => setSeen(!seen)}
        >
          {seen ? t.form.hide : t.form.show}
        </button>
      </div>
      {isStored || field.generated ? (
        <button
          type="button"
          class="link"
          aria-describedby={described.labelId}
          onClick={() => {
            setOwn(false);
            if (isStored && stored !== undefined) form.change(field.path, stored);
            else form.reset(field.path);
          }}
        >
          {isStored || isMade ? t.form.keepSecret : t.form.madeSecret}
        </button>
      ) : null}
    </div>
  );
}

/** Entries one by one. A list is given as a whole: whatever changes in it sets all of it. */
function List({ field, described }: InputProps) {
  const { t } = useShop();
  const form = useForm();
  const value = valueAt(form.complete, field.path);
  const entries = Array.isArray(value) ? value : [];
  const write = (next: readonly Json[]) => {
    form.change(field.path, [...next]);
    form.touch(field.id);
  };
  const fresh = () => entryField(form.root, field, entries.length, undefined);
  return (
    <Entries
      {...{ field, described }}
      rows={entries.map((entry, index) => {
        const own = entryField(form.root, field, index, entry);
        const title = t.form.entry(field.title, index + 1);
        return { name: title, shown: <form.View field={{ ...own, title, description: '' }} /> };
      })}
      onRemove={(index) => write(entries.filter((_, at) => at !== index))}
      onAdd={() => write([...entries, firstValue(fresh())])}
    />
  );
}

interface EntriesProps extends InputProps {
  readonly rows: readonly { readonly name: string; readonly shown: ComponentChildren }[];
  readonly look?: string;
  onRemove(index: number): void;
  onAdd(): void;
}

/** Rows that can be taken away, and one more. */
function Entries({ field, described, rows, look = '', onRemove, onAdd }: EntriesProps) {
  const { t } = useShop();
  const add = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [added, setAdded] = useState(0);
  // At once: who adds goes on typing.
  useLayoutEffect(() => {
    if (added === 0) return;
    const last = [...(list.current?.querySelectorAll(':scope > .entry') ?? [])].at(-1);
    last?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
  }, [added]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: the label of the list is not a legend
    <div
      role="group"
      aria-labelledby={described.labelId}
      aria-describedby={described.describedBy}
      id={described.id}
      tabIndex={-1}
      class="entries"
      ref={list}
    >
      {rows.length === 0 ? <p class="hint">{t.form.none}</p> : null}
      {rows.map(({ name, shown }, index) => (
        <div class={`entry${look}`} key={index}>
          {shown}
          <button
            type="button"
            class="button button-quiet"
            aria-label={t.form.removeOf(name)}
            onClick={() => {
              onRemove(index);
              // The button itself is gone.
              add.current?.focus();
            }}
          >
            <Icon name="cross" size={18} />
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button"
        aria-label={t.form.addTo(field.title)}
        ref={add}
        onClick={() => {
          onAdd();
          // One goes on in what is new.
          setAdded(added + 1);
        }}
      >
        <Icon name="plus" size={18} /> {t.form.add}
      </button>
    </div>
  );
}

/** What a new entry begins with: it is something of the right type. */
function firstValue({ kind, schema }: Field): Json {
  if (schema.default !== undefined) return schema.default;
  if (kind === 'group') return {};
  if (kind === 'switch') return false;
  return kind === 'number' ? (schema.minimum ?? 0) : '';
}

/** Names and values that are both chosen. */
function Pairs({ field, described }: InputProps) {
  const { t } = useShop();
  const form = useForm();
  const value = valueAt(form.complete, field.path);
  const start = isObject(value) ? Object.entries(value).map(([name, item]): Pair => [name, item ?? '']) : [];
  // While a name is typed it may be empty, or that of another: rows are kept here, and what is whole goes into the values.
  const [rows, setRows] = useState(() => (form.brokenAt(field.id)?.typed as readonly Pair[]) ?? start);
  const isUntouched = valueAt(form.given, field.path) === undefined;
  // Back to the default: other rows than those that are shown.
  useEffect(() => {
    if (isUntouched && form.brokenAt(field.id) === undefined) setRows(start);
  }, [isUntouched]);
  const preset = isObject(field.schema.default) ? field.schema.default : {};
  const write = (next: readonly Pair[]) => {
    setRows(next);
    form.change(field.path, pairValues(next, preset));
    form.touch(field.id);
    const fault = next.map((_, index) => pairFault(next, index)).find((one) => one !== undefined);
    form.broken(field.id, fault === undefined ? undefined : { problem: faultText(fault, t), typed: next });
  };
  const change = (index: number, row: Pair) => write(rows.map((before, at) => (at === index ? row : before)));
  const numeric = entryField(form.root, field, 'x', undefined).kind === 'number';
  return (
    <Entries
      {...{ field, described }}
      look=" pair"
      rows={rows.map(([name, item], index) => {
        const title = t.form.entry(field.title, index + 1);
        return {
          name: name === '' ? title : name,
          shown: (
            <>
              <PairInput
                label={`${title}: ${t.form.key}`}
                placeholder={t.form.key}
                value={name}
                invalid={pairFault(rows, index) !== undefined}
                onInput={(text) => change(index, [text, item])}
              />
              <PairInput
                label={`${title}: ${t.form.value}`}
                placeholder={t.form.value}
                value={typeof item === 'string' ? item : JSON.stringify(item)}
                invalid={false}
                onInput={(text) => change(index, [name, numeric ? numberOf(text) : text])}
              />
            </>
          ),
        };
      })}
      onRemove={(index) => write(rows.filter((_, at) => at !== index))}
      onAdd={() => setRows([...rows, ['', '']])}
    />
  );
}

function faultText(fault: PairFault, { form: { wrong } }: ReturnType<typeof useShop>['t']): string {
  return fault.kind === 'nameless' ? wrong.nameless : wrong.sameName(fault.name);
}

function PairInput(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly invalid: boolean;
  onInput(text: string): void;
}): ComponentChildren {
  return (
    <input
      aria-label={props.label}
      aria-invalid={props.invalid}
      placeholder={props.placeholder}
      value={props.value}
      autoComplete="off"
      spellcheck={false}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}
