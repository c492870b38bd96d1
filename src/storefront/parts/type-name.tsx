import { useShop } from '../shop.ts';

/** What cannot be undone is agreed to by typing the name of the app. */
export function TypeName({
  id,
  name,
  typed,
  onType,
}: {
  readonly id: string;
  readonly name: string;
  readonly typed: string;
  onType(typed: string): void;
}) {
  const { t } = useShop();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {t.deployment.purgeType(name)}
      </label>
      <input
        id={id}
        value={typed}
        autoComplete="off"
        autoCapitalize="none"
        spellcheck={false}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </div>
  );
}
