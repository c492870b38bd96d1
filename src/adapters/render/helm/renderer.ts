import type { JsonSchema, PackageDescription, PackageFile } from '../../../domain/app.ts';
import { chartLinks } from '../../../domain/chart-links.ts';
import {
  appMetadataOf,
  type ChartMetadata,
  readChart,
  readChartMetadata,
} from '../../../domain/chart-yaml.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { parsePath } from '../../../domain/given.ts';
import { inferSchema } from '../../../domain/infer-schema.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { madeSecrets } from '../../../domain/made-secrets.ts';
import { markOpening } from '../../../domain/opens-volumes.ts';
import type { Rendered, RenderRequest } from '../../../domain/rendered.ts';
import { requiredMissing } from '../../../domain/required-values.ts';
import { unknownValues } from '../../../domain/unknown-values.ts';
import type { DescribeFor, Lookup, Renderer } from '../../../services/ports.ts';
import { chooseEngine, type EngineOptions } from './choose.ts';
import type { ChartDescription, ChartEngine, ChartRendering, ChartRequest } from './engine.ts';
import { chartObjects } from './objects.ts';
import { RequiredValues } from './problems.ts';
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
  return {
    async describe(files, source, purpose = 'people') {
      // A rendering comes next, once the cluster has answered.
      if (purpose === 'rendering')
        engine().then(
          (ready) => ready.warm?.(),
          () => {},
        );
      return needsDefaults(files, purpose)
        ? descriptionOf(files, await (await engine()).describe(files))
        : briefDescription(files, source);
    },
    async render(files, source, request, lookup, signal) {
      signal?.throwIfAborted();
      const ready = await engine();
      const found: JsonObject[] = [];
      const answers = {
        lookup: async (wanted: Parameters<Lookup>[0]) => {
          const object = (await lookup(wanted)) ?? {};
          if (wanted.kind === 'Secret') found.push(object);
          return object;
        },
        checkValues: async (charts: Parameters<typeof checkChartValues>[0]) => checkChartValues(charts),
      };
      const asked = ready.render(chartRequest(files, request), answers, signal);
      const rendering = await asked.catch((error: unknown) => {
        throw withRequired(error, files, source);
      });
      return renderedOf(rendering, { files, request, found });
    },
  };
}

/**
 * Whether the default values, which only the engine knows, have a say: in what is shown; in what is still to be asked for, where the
 * chart has a schema of its own; in which secrets are made, where it says that some are.
 */
function needsDefaults(files: readonly PackageFile[], purpose: DescribeFor): boolean {
  if (purpose === 'people') return true;
  const schema = textOf(files, schemaFile);
  return schema.includes('"x-generate"') || (purpose === 'questions' && schema !== '');
}

/** What makes a value a secret in a schema; a schema without any of these need not be read before the values are checked. */
const speaksOfSecrets = /"(x-generate|writeOnly|password)"/;

const schemaFile = 'values.schema.json';

function descriptionOf(files: readonly PackageFile[], description: ChartDescription): PackageDescription {
  const chart = readChartMetadata(description.metadata);
  const { valuesText, values } = description;
  const own = ownSchema(description.schema, chart.name);
  return describedBy(files, chart, { valuesText, schema: inferSchema(valuesText, values, own) });
}

/** What is known without the engine. Throws PACKAGE_INVALID, YAML_INVALID. */
function briefDescription(files: readonly PackageFile[], source: string): PackageDescription {
  const chart = readChart(files, source) ?? readChartMetadata({});
  const text = textOf(files, schemaFile);
  const open: JsonSchema = { type: 'object', additionalProperties: true };
  const schema = speaksOfSecrets.test(text) ? (ownSchema(text, chart.name) ?? open) : open;
  return describedBy(files, chart, { valuesText: textOf(files, 'values.yaml'), schema });
}

function describedBy(
  files: readonly PackageFile[],
  chart: ChartMetadata,
  values: Pick<PackageDescription, 'schema' | 'valuesText'>,
): PackageDescription {
  return {
    metadata: appMetadataOf(chart),
    requires: {},
    readme: readmeOf(files),
    valuesBy: 'renderer',
    seesApis: true,
    ...values,
  };
}

function ownSchema(text: string, chart: string): JsonSchema | undefined {
  return text === '' ? undefined : readSchema(text, chart);
}

function readmeOf(files: readonly PackageFile[]): string {
  const file = files.find(({ path }) => /^readme(\.(md|txt))?$/i.test(path));
  return file === undefined ? '' : new TextDecoder().decode(file.content);
}

/** The text of a file of the package, without a byte order mark; `''` where there is none. */
function textOf(files: readonly PackageFile[], path: string): string {
  const file = files.find((one) => one.path === path);
  return file === undefined ? '' : new TextDecoder().decode(file.content);
}

function chartRequest(files: readonly PackageFile[], request: RenderRequest): ChartRequest {
  const { installation, cluster, values, integers = [] } = request;
  return {
    files,
    values,
    integers: integers.map((path) => parsePath(path)),
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
    // They tell which of the user's values nothing knows.
    defaults: Object.keys(values).length > 0,
  };
}

/** What templates require is told as values that are missing, with their paths. */
function withRequired(error: unknown, files: readonly PackageFile[], source: string): unknown {
  const cause = error instanceof AppstoreError ? error.cause : undefined;
  if (!(cause instanceof RequiredValues)) return error;
  return requiredMissing(readChart(files, source)?.name ?? source, files, cause.messages);
}

interface RenderedFrom {
  readonly files: readonly PackageFile[];
  readonly request: RenderRequest;
  /** Secrets that the templates looked up. */
  readonly found: readonly JsonObject[];
}

function renderedOf(
  { documents, notes, warnings, defaults = {}, made = [] }: ChartRendering,
  { files, request, found }: RenderedFrom,
): Rendered {
  const { namespace } = request.installation;
  const objects = chartObjects(documents, namespace);
  const secrets = madeSecrets(
    objects.map(({ object }) => object),
    { made, found },
  );
  return {
    ...(secrets.length === 0 ? {} : { secrets }),
    objects: markOpening(objects, secrets),
    outputs: [],
    open: chartLinks(objects, namespace),
    notes,
    problems: [
      ...unknownValues(request.values, defaults, textOf(files, 'values.yaml')),
      ...warnings.map((message) => ({ message })),
    ],
  };
}
