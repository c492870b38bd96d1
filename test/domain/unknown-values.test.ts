import { expect, test } from 'vitest';
import { unknownValues } from '../../src/domain/unknown-values.ts';

const text = `replicas: 1
service: {port: 80}
# nodePort: 30000
labels: {}
`;
const defaults = { replicas: 1, service: { port: 80 }, labels: {}, sub: { size: 1 } };
const paths = (given: Parameters<typeof unknownValues>[0]) =>
  unknownValues(given, defaults, text).map(({ at, hint }) => [at, hint]);

// NEEDS row 13: a typing mistake in values is ignored by Helm in silence.
test('a typing mistake is told with what was meant', () => {
  expect(paths({ replcas: 2, service: { prot: 1 } })).toEqual([
    ['replcas', 'did you mean `replicas`?'],
    ['service.prot', 'did you mean `service.port`?'],
  ]);
});

test('values of dependencies are compared with theirs', () => {
  expect(paths({ sub: { size: 2, sice: 1 } })).toEqual([['sub.sice', 'did you mean `sub.size`?']]);
});

test('what may be meant is not told: empty maps, globals, names that a comment shows', () => {
  expect(
    paths({ labels: { team: 'a' }, global: { any: 1 }, tags: { x: true }, service: { nodePort: 1 } }),
  ).toEqual([]);
  expect(unknownValues({ any: 1 }, {}, '')).toEqual([]);
});
