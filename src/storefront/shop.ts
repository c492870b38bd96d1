import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api/client.ts';
import type { Session } from './api/types.ts';
import type { Texts } from './i18n/en.ts';
import type { Language } from './i18n/texts.ts';
import type { Route } from './router.ts';
import type { Theme } from './theme.ts';

/** What every page stands on. */
export interface Shop {
  readonly api: Api;
  readonly session: Session;
  readonly t: Texts;
  readonly language: Language;
  readonly theme: Theme;
  /** The cluster that is looked at; `''` where the server has only one. */
  readonly cluster: string;
  readonly route: Route;
  /** True from the first page change on: from then on a new page takes the focus. */
  readonly moved: boolean;
  /** A route as a link leads to it: about the same cluster, where it names none. */
  carried(route: Route): Route;
  go(route: Route, options?: { readonly replace?: boolean }): void;
  /** Said to screen readers, without moving the focus. */
  announce(text: string): void;
  setLanguage(language: Language): void;
  setTheme(theme: Theme): void;
  setCluster(cluster: string): void;
}

export const ShopContext = createContext<Shop | undefined>(undefined);

export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (shop === undefined) throw new Error('outside of the storefront');
  return shop;
}
