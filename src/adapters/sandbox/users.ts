import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import { issueUser, keyFiles, readAuthority } from './keys.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { sandboxLayout } from './layout.ts';
import { readState } from './state.ts';

export interface UserRequest {
  /** Folder of the sandboxes (`sandboxesFolder(cache)` unless told otherwise at the start). */
  readonly sandboxes: string;
  readonly name: string;
  readonly user: string;
  readonly groups?: readonly string[];
  /** Namespace of the context; `default` where absent. */
  readonly namespace?: string;
  /** End of validity; ten years from now where absent. In the past, it makes expired credentials. */
  readonly notAfter?: Date;
}

/**
 * A kubeconfig (its text) for another user of a running sandbox, with no right but those that RBAC gives to the user and the
 * groups. Throws SANDBOX_NOT_RUNNING.
 */
export async function issueUserKubeconfig(request: UserRequest): Promise<string> {
  const layout = sandboxLayout(request.sandboxes, request.name);
  const state = await readState(layout);
  if (state === undefined) {
    throw new AppstoreError('SANDBOX_NOT_RUNNING', `sandbox "${request.name}": not running`);
  }
  const authority = await readAuthority(layout.keys);
  const credentials = issueUser(authority, {
    commonName: request.user,
    ...(request.groups === undefined ? {} : { organizations: request.groups }),
    ...(request.notAfter === undefined ? {} : { notAfter: request.notAfter }),
  });
  return writeKubeconfig({
    sandbox: state.name,
    server: state.server,
    authority: await readFile(join(layout.keys, keyFiles.authority), 'utf8'),
    user: request.user,
    credentials,
    ...(request.namespace === undefined ? {} : { namespace: request.namespace }),
  });
}
