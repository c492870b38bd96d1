import type { Texts } from './en.ts';

export const languages = ['en', 'nl'] as const;
export type Language = (typeof languages)[number];

/** The table of a language, fetched when it is needed. */
export async function textsIn(language: Language): Promise<Texts> {
  return language === 'nl' ? (await import('./nl.ts')).nl : (await import('./en.ts')).en;
}

/** The first of the wanted languages that there is; English where there is none. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find((language) => language === tag.toLowerCase().split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** The word for a name that may be of a later version, or somebody's own; undefined where there is none. */
export function wordFor<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
