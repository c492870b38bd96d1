import type { PackageFile } from '../../domain/app.ts';
import { type AppDefinition, isAppPackage, parseApp } from '../../domain/app-yaml.ts';
import { renderApp } from '../../domain/render-app.ts';
import type { Renderer } from '../../services/ports.ts';

/** The renderer of packages with an app.yaml (docs/packages.md). Reads nothing but the package: `lookup` is never called. */
export function appYamlRenderer(): Renderer {
  const read = new WeakMap<
    readonly PackageFile[],
    { readonly source: string; readonly app: AppDefinition }
  >();
  const appOf = (files: readonly PackageFile[], source: string): AppDefinition => {
    const known = read.get(files);
    if (known?.source === source) return known.app;
    const app = parseApp(files, source);
    read.set(files, { source, app });
    return app;
  };
  return {
    accepts: isAppPackage,
    describe: async (files, source) => appOf(files, source).description,
    render: async (files, source, request, _lookup, signal) => {
      signal?.throwIfAborted();
      return renderApp(appOf(files, source), request);
    },
  };
}
