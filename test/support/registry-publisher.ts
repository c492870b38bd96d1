import { join } from 'node:path';
import { localMaker } from '../../src/adapters/catalog/site/maker.ts';
import type { SignatureRequest } from '../../src/services/catalog-maker.ts';
import { writeFiles } from './catalog-folder.ts';
import { temporaryFolder } from './temporary.ts';

const signal = new AbortController().signal;

/** Somebody who pushes a catalog to a path of a registry on this machine. */
export async function registryPublisher(host: string, path = 'team') {
  const root = await temporaryFolder();
  const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };
  const maker = localMaker({ config: join(root, 'config'), cache: join(root, 'cache') }, surroundings);
  const location = `oci://${host}/${path}`;
  /** Puts these files into a folder of apps, and pushes it. */
  const push = async (
    files: Readonly<Record<string, string>>,
    { sign, folder = 'apps' }: { readonly sign?: SignatureRequest; readonly folder?: string } = {},
  ) => {
    await writeFiles(join(root, folder), files);
    const target = { name: '', kind: 'oci', location, plainHttp: true } as const;
    const request = { folder: join(root, folder), target, ...(sign === undefined ? {} : { sign }) };
    return maker.push(request, signal);
  };
  return { location, push };
}
