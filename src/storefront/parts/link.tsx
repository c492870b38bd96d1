import type { ComponentChildren } from 'preact';
import { addressOf, type Route } from '../router.ts';
import { useShop } from '../shop.ts';

interface LinkProps {
  readonly to: Route;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly current?: boolean;
  readonly replace?: boolean;
}

/** A link inside the storefront: a real address, which a plain click opens without loading the page anew. */
export function Link({ to, children, current, replace, ...rest }: LinkProps) {
  const shop = useShop();
  const href = addressOf(shop.carried(to));
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    shop.go(to, { replace: replace === true });
  };
  return (
    <a href={href} onClick={open} {...(current === true ? { 'aria-current': 'page' } : {})} {...rest}>
      {children}
    </a>
  );
}

/** A link to somewhere else, in a tab of its own. */
export function Outside({
  href,
  children,
  class: name,
}: {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      {...(name === undefined ? {} : { class: name })}
    >
      {children}
    </a>
  );
}
