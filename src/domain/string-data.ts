import { isObject } from './json.ts';
import type { KubeObject } from './objects.ts';

/**
 * A Secret with its `stringData` written into `data`, as the API server would do it. Under server-side apply a key dropped from
 * `stringData` stays in `data` for ever, and another manager's change is overwritten without a conflict (both measured); in `data`
 * neither happens. A key in both is taken from `stringData`. Other objects come back as they are.
 */
export function stringDataToData(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isObject(object.stringData)) return object;
  const { stringData, ...rest } = object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return {
    ...rest,
    data: { ...(isObject(object.data) ? object.data : {}), ...Object.fromEntries(encoded) },
  } as KubeObject;
}
