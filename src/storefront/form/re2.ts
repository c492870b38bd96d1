/**
 * What the domain takes for the library of linear patterns where it is built for the browser (scripts/storefront.ts): the library is
 * four times as large as all the rest of the form, and most apps have no pattern for it. It is fetched before the first question is
 * asked, where a schema needs it.
 */
interface Compiler {
  compile(source: string): { test(text: string): boolean };
}

let library: Compiler | undefined;

export const RE2JS: Compiler = {
  compile(source) {
    if (library === undefined) throw new Error('the library of linear patterns was not fetched');
    return library.compile(source);
  },
};

/** Fetches the library. */
export async function loadLinearEngine(): Promise<void> {
  library ??= (await import('re2js')).RE2JS;
}
