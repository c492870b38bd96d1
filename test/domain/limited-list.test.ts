import { expect, test } from 'vitest';
import { ApiError } from '../../src/domain/errors.ts';
import { listWithin } from '../../src/domain/limited-list.ts';

const forbidden = (where: string | undefined) =>
  new ApiError(
    'FORBIDDEN',
    `ConfigMap: configmaps is forbidden ${where === undefined ? 'everywhere' : `in ${where}`}`,
    {
      status: 403,
      reason: 'Forbidden',
      fieldConflicts: [],
      causes: [],
    },
  );

async function refuse(where: string | undefined): Promise<never> {
  throw forbidden(where);
}

test('who may look into no namespace is told that all were asked for, and how to name one', async () => {
  const error = await listWithin({ fallback: 'default' }, refuse).catch((thrown: ApiError) => thrown);
  expect(error).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringMatching(
      /^neither all namespaces nor namespace default may be looked into: .*in default/,
    ),
    hint: expect.stringContaining('`-n NAMESPACE`'),
    failure: { status: 403 },
  });
});

test('who named one is told of that one', async () => {
  await expect(listWithin({ namespace: 'shop', fallback: 'default' }, refuse)).rejects.toEqual(
    forbidden('shop'),
  );
});

test('who may look into the usual one sees it', async () => {
  const ask = async (where: string | undefined) => (where === undefined ? refuse(where) : [where]);
  expect(await listWithin({ fallback: 'default' }, ask)).toEqual({
    items: ['default'],
    limitedTo: 'default',
  });
});
