import type { JsonSchema, PackageDescription, PackageFile } from '../../../domain/app.ts';
import { chartLinks } from '../../../domain/chart-links.ts';
import { appMetadataOf, readChartMetadata } from '../../../domain/chart-yaml.ts';
import { inferSchema } from '../../../domain/infer-schema.ts';
import type { Rendered, RenderRequest } from '../../../domain/rendered.ts';
import { unknownValues } from '../../../domain/unknown-values.ts';
import type { Lookup, Renderer } from '../../../services/ports.ts';
import { chooseEngine, type EngineOptions } from './choose.ts';
import type { ChartDescription, ChartEngine, ChartRendering, ChartRequest } from './engine.ts';
import { chartObjects } from './objects.ts';
import { checkChartValues, readSchema } from './schema.ts';

/**
 * The renderer of Helm charts: packages with a Chart.yaml and no app.yaml. Values reach it as the user gave them; defaults, checks and
 * everything else are Helm's own engine's (docs/helm.md). The engine is looked for with the first chart.
 */
export function chartRenderer(options: EngineOptions): Omit<Renderer, 'accepts'> {
  let found: Promise<ChartEngine> | undefined;
  const engine = () => {
    found ??= chooseEngine(options);
    return found;
  };
  const described = new WeakMap<readonly PackageFile[], Promise<ChartDescription>>();
  const describe = (files: readonly PackageFile[]): Promise<ChartDescription> => {
    const known = described.get(files) ?? engine().then((ready) => ready.describe(files));
    described.set(files, known);
    return known;
  };
  return {
    describe: async (files) => descriptionOf(files, await describe(files)),
    async render(files, _source, request, lookup, signal) {
      signal?.throwIfAborted();
      const [ready, description] = await Promise.all([engine(), describe(files)]);
      const answers = {
        lookup: async (wanted: Parameters<Lookup>[0]) => (await lookup(wanted)) ?? {},
        checkValues: async (charts: Parameters<typeof checkChartValues>[0]) => checkChartValues(charts),
      };
      const rendering = await ready.render(chartRequest(files, request), answers, signal);
      return renderedOf(rendering, description, request);
    },
  };
}

function descriptionOf(files: readonly PackageFile[], description: ChartDescription): PackageDescription {
  const chart = readChartMetadata(description.metadata);
  const { valuesText, values } = description;
  return {
    metadata: appMetadataOf(chart),
    schema: inferSchema(valuesText, values, ownSchema(description, chart.name)),
    requires: {},
    readme: readmeOf(files),
    valuesBy: 'renderer',
    valuesText,
    seesApis: true,
    varies: true,
  };
}

function ownSchema({ schema }: ChartDescription, chart: string): JsonSchema | undefined {
  return schema === '' ? undefined : readSchema(schema, chart);
}

function readmeOf(files: readonly PackageFile[]): string {
  const file = files.find(({ path }) => /^readme(\.(md|txt))?$/i.test(path));
  return file === undefined ? '' : new TextDecoder().decode(file.content);
}

function chartRequest(files: readonly PackageFile[], request: RenderRequest): ChartRequest {
  const { installation, cluster, values } = request;
  return {
    files,
    values,
    release: {
      name: installation.name,
      namespace: installation.namespace,
      revision: installation.revision,
      isUpgrade: installation.isUpgrade,
    },
    capabilities: {
      kubeVersion: cluster.version.gitVersion,
      ...(request.apiVersions === undefined ? {} : { apiVersions: request.apiVersions, all: true }),
    },
    includeCrds: true,
  };
}

function renderedOf(
  { documents, notes, warnings }: ChartRendering,
  { values, valuesText }: ChartDescription,
  request: RenderRequest,
): Rendered {
  const { namespace } = request.installation;
  const objects = chartObjects(documents, namespace);
  return {
    objects,
    outputs: [],
    open: chartLinks(objects, namespace),
    notes,
    problems: [
      ...unknownValues(request.values, values, valuesText),
      ...warnings.map((message) => ({ message })),
    ],
  };
}
