import { afterAll, beforeAll, describe } from 'vitest';
import type { ContractSetup } from './setup.ts';

/** A part of a suite with a setup of its own, made before its first test and disposed of after its last. */
export function part(
  name: string,
  make: () => Promise<ContractSetup>,
  tests: (setup: () => ContractSetup) => void,
): void {
  describe(name, () => {
    let made: ContractSetup | undefined;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => made?.dispose());
    tests(() => {
      if (made === undefined) throw new Error('the setup failed');
      return made;
    });
  });
}
