import { expect, test } from 'vitest';
import type { AccessQuestion } from '../../src/services/ports.ts';
import type { ContractSetup } from './setup.ts';
import { part } from './with-setup.ts';

/** Questions to the authoriser. */
export function accessContract(make: () => Promise<ContractSetup>): void {
  part('access', make, (setup) => {
    const questions = (namespace: string): AccessQuestion[] => [
      { verb: 'create', group: 'apps', resource: 'deployments', namespace },
      { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace },
      { verb: 'delete', group: '', resource: 'secrets', namespace, name: 'one' },
      { verb: 'list', group: '', resource: 'nodes', namespace: '' },
    ];

    test('whoever may do everything is told so', async () => {
      const { cluster, namespace } = setup();
      const answers = await cluster.access(questions(namespace));
      expect(answers.map((answer) => answer.allowed)).toEqual([true, true, true, true]);
    });

    test('a stranger is told no, in the order of the questions', async () => {
      const { stranger, namespace } = setup();
      const answers = await stranger.access(questions(namespace));
      expect(answers.map((answer) => answer.allowed)).toEqual([false, false, false, false]);
      expect(answers.every((answer) => typeof answer.reason === 'string')).toBe(true);
    });

    test('no question, no answer', async () => {
      expect(await setup().cluster.access([])).toEqual([]);
    });
  });
}
