import { appFile } from '../../../domain/app-file.ts';
import { chartFile } from '../../../domain/chart-file.ts';
import type { Renderer } from '../../../services/ports.ts';
import type { EngineOptions } from './choose.ts';

/** The renderer of Helm charts, loaded with the first chart: commands on other packages do without. */
export function lazyChartRenderer(options: EngineOptions): Renderer {
  let loaded: Promise<Omit<Renderer, 'accepts'>> | undefined;
  const renderer = () => {
    loaded ??= import('./renderer.ts').then(({ chartRenderer }) => chartRenderer(options));
    return loaded;
  };
  return {
    accepts: (files) =>
      files.some(({ path }) => path === chartFile) && !files.some(({ path }) => path === appFile),
    describe: async (...given) => (await renderer()).describe(...given),
    render: async (...given) => (await renderer()).render(...given),
  };
}
