import type { ClusterFacts } from '../../domain/app.ts';
import { ApiError } from '../../domain/errors.ts';
import { isObject } from '../../domain/json.ts';
import type { Api } from './api.ts';
import { getUid } from './reads.ts';

/** `GET /version`. Some providers write `36+` as minor version. */
export async function serverVersion(api: Api, signal?: AbortSignal): Promise<ClusterFacts['version']> {
  const answer = await api.transport.json({
    method: 'GET',
    path: '/version',
    subject: 'version of the server',
    safety: 'repeat',
    ...(signal === undefined ? {} : { signal }),
  });
  const gitVersion = isObject(answer) && typeof answer.gitVersion === 'string' ? answer.gitVersion : '';
  const named = /^v(\d+)\.(\d+)/.exec(gitVersion);
  const number = (value: unknown, fallback: string | undefined) =>
    Number.parseInt(String(value ?? fallback ?? '0'), 10);
  return { major: number(answer.major, named?.[1]), minor: number(answer.minor, named?.[2]), gitVersion };
}

/** What tells clusters apart: the UID of kube-system. `''` where it may not be read. */
export async function clusterUid(api: Api, signal?: AbortSignal): Promise<string> {
  const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' };
  try {
    return (await getUid(api, ref, signal)) ?? '';
  } catch (error) {
    if (error instanceof ApiError && error.code === 'FORBIDDEN') return '';
    throw error;
  }
}
