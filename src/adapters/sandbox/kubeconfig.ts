import { SANDBOX_EXTENSION, SANDBOX_NOTICE, sandboxContext } from '../../domain/sandbox.ts';
import type { KeyedCertificate } from './certificates.ts';

export interface KubeconfigRequest {
  readonly sandbox: string;
  readonly server: string;
  /** Certificate of the authority, PEM. */
  readonly authority: string;
  readonly user: string;
  readonly credentials: KeyedCertificate;
  readonly namespace?: string;
}

/** A kubeconfig, as JSON (which is YAML), for one user of a sandbox, with everything in the one file. */
export function writeKubeconfig(request: KubeconfigRequest): string {
  const context = sandboxContext(request.sandbox);
  const user = `${context}-${request.user}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [
      {
        name: context,
        cluster: {
          server: request.server,
          'certificate-authority-data': base64(request.authority),
          extensions: [
            {
              name: SANDBOX_EXTENSION,
              extension: { sandbox: request.sandbox, simulated: true, notice: SANDBOX_NOTICE },
            },
          ],
        },
      },
    ],
    contexts: [
      {
        name: context,
        context: { cluster: context, user, ...(request.namespace ? { namespace: request.namespace } : {}) },
      },
    ],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': base64(request.credentials.certificate),
          'client-key-data': base64(request.credentials.key),
        },
      },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
