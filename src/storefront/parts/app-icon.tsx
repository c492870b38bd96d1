import { useState } from 'preact/hooks';
import { addressIn } from '../api/client.ts';

interface AppIconProps {
  readonly catalog: string;
  readonly app: string;
  readonly title: string;
  readonly version?: string;
  readonly size?: 'small' | 'large';
}

/** The picture of an app; its first letter where it has none. The name stands beside it always. */
export function AppIcon({ catalog, app, title, version, size }: AppIconProps) {
  const [failed, setFailed] = useState(false);
  const name = `app-icon${size === undefined ? '' : ` app-icon-${size}`}`;
  if (failed || catalog === '')
    return (
      <span class={`${name} letter hue-${hueOf(app)}`} aria-hidden="true">
        {([...title.trim()][0] ?? '?').toUpperCase()}
      </span>
    );
  const path = `/apps/${encodeURIComponent(catalog)}/${encodeURIComponent(app)}/icon`;
  return (
    <span class={name}>
      <img
        src={addressIn(path, { version })}
        alt=""
        width={48}
        height={48}
        loading="lazy"
        decoding="async"
        onError={() => setFailed(true)}
      />
    </span>
  );
}

/** The same colour for the same app, one of six. */
function hueOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6, 0);
}
