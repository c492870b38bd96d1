import { useState } from 'preact/hooks';
import { useShop } from '../shop.ts';
import { Icon } from './icons.tsx';

/** A line to be copied: a command, an address, a password. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  const { t, announce } = useShop();
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    setDone(true);
    announce(t.frame.copied);
    setTimeout(() => setDone(false), 2000);
  };
  return (
    <div class="copyable">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <button
        type="button"
        class="button button-quiet"
        onClick={copy}
        aria-label={`${t.frame.copy}: ${label}`}
      >
        <Icon name={done ? 'check' : 'copy'} size={18} />
      </button>
    </div>
  );
}
