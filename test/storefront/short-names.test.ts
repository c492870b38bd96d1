import { expect, test } from 'vitest';
import { shortNames } from '../../src/storefront/parts/short-names.ts';

const eks = (region: string, name: string) => `arn:aws:eks:${region}:123456789012:cluster/${name}`;

test.each([
  [
    ['dev', 'kind-prod'],
    ['dev', 'kind-prod'],
  ],
  [
    [eks('eu-west-1', 'prod'), eks('eu-west-1', 'staging')],
    ['…/prod', '…/staging'],
  ],
  [
    [eks('eu-west-1', 'prod'), eks('us-east-1', 'prod')],
    ['…:eu-west-1:123456789012:cluster/prod', '…:us-east-1:123456789012:cluster/prod'],
  ],
  [
    ['gke_my-project_europe-west4-a_shop', 'shop'],
    ['…_shop', 'shop'],
  ],
  [['a-name-without-any-place-to-cut-it'], ['…out-any-place-to-cut-it']],
  [
    ['one-name-without-any-place-to-cut-it', 'two-name-without-any-place-to-cut-it'],
    ['one-name-without-any-place-to-cut-it', 'two-name-without-any-place-to-cut-it'],
  ],
])('%j is shown as %j', (names, short) => expect(shortNames(names)).toEqual(short));
