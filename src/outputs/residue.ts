import type { VerifyReport } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';

/** What is left of an installation. */
export function residueOutput({ name, namespace, left, unread }: VerifyReport) {
  return { apiVersion, kind: 'Residue' as const, name, namespace, left, unread };
}
