import { expect, test } from 'vitest';
import { removalView } from '../../src/cli/views/change.ts';
import { plain } from '../../src/cli/views/color.ts';
import type { RemoveResult } from '../../src/services/requests.ts';
import { ref, samplePlan } from '../support/sample-plan.ts';

const style = { palette: plain, width: Number.POSITIVE_INFINITY, wide: false, now: new Date(0) };
const crds = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  namespace: '',
};

async function told(left: RemoveResult['left']): Promise<string[]> {
  const result = {
    outcome: 'removed',
    plan: samplePlan({ operation: 'remove' }),
    waited: true,
    left,
  } as const;
  return (await removalView(result, { simulated: false, verbose: false }).text(style)).split('\n');
}

test('a removal says what is still there, and how to be rid of it', async () => {
  const lines = await told([
    { ref: ref('PersistentVolumeClaim', 'data-db-0'), reason: 'it holds data' },
    { ref: ref('Secret', 'appstore.db.generated'), reason: 'the generated secrets that open the volumes' },
    { ref: { ...crds, name: 'disks.example.com' }, reason: 'definitions of crds/ stay' },
    { ref: ref('ConfigMap', 'theirs'), reason: 'not ours any more: it belongs to Helm release x/y' },
    { ref: { ...ref('Namespace', 'demo'), namespace: '' }, reason: 'it was made by the install of db' },
  ]);
  expect(lines.slice(-4)).toEqual([
    '',
    'Once nobody needs it:',
    '  kubectl delete persistentvolumeclaim/data-db-0 secret/appstore.db.generated -n demo',
    '  kubectl delete customresourcedefinition.apiextensions.k8s.io/disks.example.com',
  ]);
});

test('what is not ours, and a namespace, come with no command to delete them', async () => {
  const lines = await told([
    { ref: ref('ConfigMap', 'theirs'), reason: 'not ours any more: it lost its label' },
    { ref: { ...ref('Namespace', 'demo'), namespace: '' }, reason: 'other things may live in it' },
  ]);
  const text = lines.join('\n');
  expect(text).toContain('ConfigMap/demo/theirs');
  expect(text).not.toContain('kubectl');
});
