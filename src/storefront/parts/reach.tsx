import { linkAddress } from '../../domain/link-address.ts';
import { cleanText } from '../../domain/text.ts';
import type { Change } from '../api/types.ts';
import { contextFlag } from '../clusters.ts';
import { useShop } from '../shop.ts';
import { Copyable } from './copy.tsx';
import { Icon } from './icons.tsx';
import { Outside } from './link.tsx';

interface OpenLinksProps {
  readonly links: Change['open'];
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/** The ways into an app: an address, or the command that makes one. */
export function OpenLinks({ links, cluster, namespace, name }: OpenLinksProps) {
  const { t, session } = useShop();
  const addresses = links.flatMap(({ title, url }) => {
    const href = url === undefined ? undefined : linkAddress(url);
    return href === undefined ? [] : [{ title, href }];
  });
  if (links.length === 0) return null;
  return (
    <section class="reach" aria-label={t.deployment.open}>
      {addresses.map(({ title, href }) => (
        <Outside key={href} href={href} class="button button-main">
          {t.deployment.openTitle(title)} <Icon name="open" size={18} />
          <span class="unseen"> {t.deployment.openNew}</span>
        </Outside>
      ))}
      {addresses.length > 0 ? null : (
        <>
          <p>{t.deployment.forward}</p>
          <Copyable
            text={`appstore open ${name} -n ${namespace}${contextFlag(session, cluster)}`}
            label={t.deployment.open}
          />
        </>
      )}
    </section>
  );
}

export function Outputs({ outputs }: { readonly outputs: Change['outputs'] }) {
  const { t } = useShop();
  if (outputs.length === 0) return null;
  return (
    <section class="panel">
      <h2>{t.deployment.outputs}</h2>
      <dl class="facts">
        {outputs.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Notes({ notes }: { readonly notes: string }) {
  const { t } = useShop();
  const text = cleanText(notes, 20_000).trim();
  if (text === '') return null;
  return (
    <details class="fold">
      <summary>{t.deployment.notes}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </details>
  );
}
