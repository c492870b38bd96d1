import type { PackageFile } from '../../domain/app.ts';
import { appFile } from '../../domain/app-file.ts';
import type { AppDefinition } from '../../domain/app-yaml.ts';
import type { Renderer } from '../../services/ports.ts';

/**
 * The renderer of packages with an app.yaml (docs/packages.md). Reads nothing but the package: `lookup` is never called. What
 * reads and renders is loaded with the first package: searching and listing do without.
 * @param programVersion Another version of this program may render otherwise.
 */
export function appYamlRenderer(programVersion = ''): Renderer {
  const read = new WeakMap<
    readonly PackageFile[],
    { readonly source: string; readonly app: AppDefinition }
  >();
  const appOf = async (files: readonly PackageFile[], source: string): Promise<AppDefinition> => {
    const { parseApp } = await import('../../domain/app-yaml.ts');
    const known = read.get(files);
    if (known?.source === source) return known.app;
    const app = parseApp(files, source);
    read.set(files, { source, app });
    return app;
  };
  return {
    ...(programVersion === '' ? {} : { pure: `app.yaml ${programVersion}` }),
    accepts: (files) => files.some((file) => file.path === appFile),
    describe: async (files, source) => (await appOf(files, source)).description,
    render: async (files, source, request, _lookup, signal) => {
      signal?.throwIfAborted();
      const { renderApp } = await import('../../domain/render-app.ts');
      return renderApp(await appOf(files, source), request);
    },
  };
}
