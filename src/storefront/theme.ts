export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** What a person chose stays on this machine; where nothing may be kept, it holds for this page. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`appstore.${name}`, value);
  } catch {
    // Nothing may be kept here: the choice ends with the page.
  }
}

/** What was chosen before; `''` where nothing was. */
export function remembered(name: string): string {
  try {
    return localStorage.getItem(`appstore.${name}`) ?? '';
  } catch {
    return '';
  }
}

export function themeOf(text: string): Theme {
  return themes.find((theme) => theme === text) ?? 'system';
}

/** Shows a theme: the style sheet does the rest. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
