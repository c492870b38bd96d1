/** A flag as data: the commander tree and docs/cli.md are both made from it. */
export interface FlagSpec {
  readonly flags: string;
  readonly description: string;
  /** Heading in the help. */
  readonly group: string;
  readonly choices?: readonly string[];
  /** Several uses add up to a list. */
  readonly repeat?: boolean;
  /** The value of a flag that may stand without one. */
  readonly unnamed?: string;
  /** Reads the text; undefined refuses it, and `expects` says what would do. */
  readonly parse?: (text: string) => unknown;
  readonly expects?: string;
  /** Name among the options, where it is not that of the flag. */
  readonly attribute?: string;
  /** What the shell completes the value with (`__complete`). */
  readonly complete?: 'namespaces' | 'contexts' | 'files' | 'folders';
}

/** What a flag means, with its choices: some descriptions say what those mean, and so name them already. */
export function meaningOf({ description, choices }: Pick<FlagSpec, 'description' | 'choices'>): string {
  if (choices === undefined || choices.every((choice) => description.includes(choice))) return description;
  return `${description}: ${choices.join(', ')}`;
}

/** Reads a whole number from 1 on; undefined where it is none. */
export function positiveInteger(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Reads the number of a port; undefined where it is none. */
export function portNumber(text: string): number | undefined {
  const number = positiveInteger(text);
  return number === undefined || number > 65_535 ? undefined : number;
}
