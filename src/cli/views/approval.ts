import { apiVersion } from '../../outputs/api-version.ts';
import type { ResultView } from './print.ts';

/** A key pair that was made. */
export function approvalKeyView(path: string, digest: string): ResultView {
  return {
    data: { apiVersion, kind: 'ApprovalKey', privateKey: path, publicKey: `${path}.pub`, digest },
    names: () => [path],
    text: () =>
      `${path} signs plans and catalogs: keep it to yourself. ${path}.pub is for those who carry plans out (--approved-by) and use catalogs (--signed-by).\nWhat it signs is shown with its digest: ${digest}`,
  };
}
