import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubeObject } from '../../../src/domain/objects.ts';
import { type ProofVersion, proofObjects, proofSchema } from './proof-app.ts';

/** The app of the proofs at a version as a package, for the program as a process of its own. Answers its folder. */
export async function proofPackage(home: string, version: ProofVersion): Promise<string> {
  const folder = await mkdtemp(join(home, `proof-${version}-`));
  const metadata = { name: 'proof', version: `${version}.0.0`, appVersion: `${version}`, title: 'Proof' };
  const words = { summary: 'An app for proofs', description: 'An app for proofs.', category: 'other' };
  const app = {
    apiVersion: 'appstore.dev/v1',
    kind: 'App',
    metadata: { ...metadata, ...words, license: 'Apache-2.0', home: 'https://example.com' },
    values: proofSchema,
    resources: proofObjects(version, '').map(withPassword),
  };
  await writeFile(join(folder, 'app.yaml'), stringify(app));
  return folder;
}

function withPassword(object: KubeObject): object {
  if (object.kind !== 'Secret') return object;
  const { data: _, ...rest } = object;
  return { ...rest, stringData: { password: '${values.password}' } };
}
