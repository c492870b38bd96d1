import type { PackageFile } from '../domain/app.ts';
import { appFile } from '../domain/app-file.ts';
import { chartFile } from '../domain/chart-file.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { Renderer } from './ports.ts';

/** Renderers of packages of every known format, which are opened with the first package that has to be rendered. */
export function laterRenderer(open: () => Promise<readonly Renderer[]>): Renderer {
  const rendererOf = async (files: readonly PackageFile[], source: string): Promise<Renderer> => {
    const found = (await open()).find(({ accepts }) => accepts(files));
    if (found === undefined) throw new AppstoreError('INTERNAL', `${source}: no renderer takes this package`);
    return found;
  };
  return {
    accepts: (files) => files.some(({ path }) => path === appFile || path === chartFile),
    describe: async (files, source, purpose) =>
      (await rendererOf(files, source)).describe(files, source, purpose),
    render: async (files, source, ...rest) =>
      (await rendererOf(files, source)).render(files, source, ...rest),
  };
}
