import { Icon } from '../parts/icons.tsx';
import { focusTitle } from '../parts/page.tsx';
import { useShop } from '../shop.ts';
import type { Kept } from './kept-store.ts';

/** Says that answers of before are here again, what of them is not, and how to begin anew. */
export function KeptNotice({ kept, onAfresh }: { readonly kept: Kept | undefined; onAfresh(): void }) {
  const { t } = useShop();
  if (kept === undefined) return null;
  const isEmpty = Object.keys({ ...kept.answers, ...kept.more }).length === 0;
  const told = [...(isEmpty ? [] : [t.form.again]), ...(kept.secrets ? [t.form.againSecrets] : [])];
  const afresh = () => {
    onAfresh();
    // The form is made anew, and the button is gone.
    setTimeout(focusTitle);
  };
  return (
    <div class="notice" role="status">
      <Icon name="info" />
      <div>
        <p>{told.join(' ')}</p>
        <p>
          <button type="button" class="button" onClick={afresh}>
            {t.form.afresh}
          </button>
        </p>
      </div>
    </div>
  );
}
