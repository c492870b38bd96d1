import { useShop } from '../shop.ts';

/** Where one is on a way of several steps. */
export function Steps({ names, at }: { readonly names: readonly string[]; readonly at: number }) {
  const { t } = useShop();
  return (
    <>
      <p class="unseen" role="status">
        {t.install.step(at + 1, names.length, names[at] ?? '')}
      </p>
      <ol class="steps" aria-hidden="true">
        {names.map((name, index) => (
          <li key={name} class={index < at ? 'step-done' : index === at ? 'step-now' : ''}>
            <span class="step-mark">{index + 1}</span>
            {name}
          </li>
        ))}
      </ol>
    </>
  );
}
