/** What rendering one package may cost. Real apps need a hundredth of it. */
export const renderLimits = {
  /** Steps of evaluation; a step is a node of an expression, a copied piece of text, an entry of a list. */
  steps: 2_000_000,
  /** Characters of one text that an expression makes. */
  text: 4 * 1024 * 1024,
  /** Entries of one list or map that an expression makes. */
  entries: 100_000,
  /** Depth of a value that an expression gives. */
  depth: 100,
  /** Characters of one expression. */
  expression: 10_000,
  /** Objects of one package. */
  objects: 10_000,
  /** Characters of everything rendered. */
  output: 16 * 1024 * 1024,
} as const;

/** Says that a limit was passed. */
export class LimitReached extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LimitReached';
  }
}

/** Counts what rendering costs. Once spent it stays spent, so an expression that swallows errors cannot go on. */
export class RenderBudget {
  private left: number = renderLimits.steps;

  /** @throws LimitReached */
  step(cost = 1): void {
    this.left -= cost;
    if (this.left < 0) throw new LimitReached(`more than ${renderLimits.steps} steps of evaluation`);
  }

  get spent(): boolean {
    return this.left < 0;
  }

  /** Refuses a text before it is made. */
  text(length: number): void {
    if (length > renderLimits.text) this.over(`a text of more than ${renderLimits.text} characters`);
    this.step(length / 16);
  }

  /** Refuses a list or map before it is made. */
  entries(count: number): void {
    if (count > renderLimits.entries) this.over(`a list of more than ${renderLimits.entries} entries`);
    this.step(count / 4);
  }

  private over(message: string): never {
    this.left = -1;
    throw new LimitReached(message);
  }
}
