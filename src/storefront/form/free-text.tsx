import { useEffect, useState } from 'preact/hooks';
import { valueAt } from '../../domain/given.ts';
import type { Json } from '../../domain/json.ts';
import { useShop } from '../shop.ts';
import { holdsMask } from './edit.ts';
import type { Field } from './fields.ts';
import { useForm } from './form-state.ts';

interface FreeTextProps {
  readonly field: Field;
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

/** Milliseconds without a key before the text is read. */
const pause = 250;

/** Any value, as YAML: what people know from the pages of charts can be put here. The reader of YAML is fetched for it. */
export function FreeText({ field, id, describedBy, invalid }: FreeTextProps) {
  const { t } = useShop();
  const form = useForm();
  const [text, setText] = useState<string>();
  const value = valueAt(form.complete, field.path);
  useEffect(() => {
    let there = true;
    const typed = form.brokenAt(field.id)?.typed;
    if (text === undefined && typeof typed === 'string') {
      setText(typed);
      return;
    }
    void yaml().then(({ write }) => there && setText(value === undefined ? '' : write(value)));
    return () => {
      there = false;
    };
  }, [valueAt(form.given, field.path) === undefined]);
  useEffect(() => {
    if (text === undefined) return;
    const timer = setTimeout(() => void read(text), pause);
    return () => clearTimeout(timer);
  }, [text]);
  const complain = (typed: string, problem: string | undefined) =>
    form.broken(field.id, problem === undefined ? undefined : { problem, typed });
  const read = async (written: string) => {
    const { write, parse } = await yaml();
    if (written === (value === undefined ? '' : write(value))) return complain(written, undefined);
    try {
      const next = written.trim() === '' ? null : parse(written);
      if (holdsMask(next)) return complain(written, t.form.masked);
      complain(written, undefined);
      form.change(field.path, next);
      form.touch(field.id);
    } catch (error) {
      complain(
        written,
        t.form.wrong.yaml(error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''),
      );
    }
  };
  const describes = [describedBy ?? '', `${id}-free`].filter((one) => one !== '');
  return (
    <>
      <textarea
        id={id}
        class="code"
        aria-describedby={describes.join(' ')}
        aria-invalid={invalid}
        rows={Math.min(14, Math.max(3, (text ?? '').split('\n').length + 1))}
        spellcheck={false}
        value={text ?? ''}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-free`}>
        {t.form.free}
      </p>
    </>
  );
}

/** The reader and writer of YAML that the command line has, too. */
async function yaml(): Promise<{ write(value: Json): string; parse(text: string): Json }> {
  const { dump, load } = await import('js-yaml');
  return {
    write: (value) => dump(value, { lineWidth: -1 }).replace(/\n$/, ''),
    parse: (text) => load(text) as Json,
  };
}
