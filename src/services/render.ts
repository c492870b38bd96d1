import type {
  ClusterFacts,
  Package,
  PackageDescription,
  ResolvedPackage,
  UserOptions,
} from '../domain/app.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { addPullSecrets, rewriteImages } from '../domain/images.ts';
import type { JsonObject } from '../domain/json.ts';
import { referenceTo } from '../domain/reference.ts';
import type { Rendered, RenderRequest } from '../domain/rendered.ts';
import { applyPatches } from '../domain/user-patches.ts';
import { checkValues, type MissingValue, withDefaults, withSecrets } from '../domain/values.ts';
import type { Lookup, Renderer } from './ports.ts';

export interface RenderPackageRequest {
  readonly renderer: Renderer;
  readonly package: Package;
  readonly description: PackageDescription;
  readonly options: UserOptions;
  /** Values read from Secrets of the cluster (`--set-secret`), by path. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Generated secrets, by path. */
  readonly generated: Readonly<Record<string, string>>;
  readonly installation: RenderRequest['installation'];
  readonly facts: ClusterFacts;
  readonly lookup: Lookup;
  /** What the cluster serves, for packages that ask for it. */
  readonly apiVersions?: readonly string[];
  readonly signal?: AbortSignal;
  /** Paths whose values are placeholders and need not fit the schema (`template`, without a cluster). */
  readonly placeholders?: readonly string[];
}

/**
 * values -> render: defaults, the user's values, secrets and generated ones, checked; rendered; the user's patches, mirror and pull
 * secrets applied. The one way from options to objects.
 *
 * @throws AppstoreError VALUES_INVALID and VALUES_MISSING with everything at once, PATCH_INVALID, and what the renderer throws.
 */
export async function renderPackage(request: RenderPackageRequest): Promise<Rendered> {
  const values = completeValues(request);
  const rendered = await request.renderer
    .render(
      request.package.files,
      request.package.resolved.source,
      {
        values,
        ...(request.options.integers === undefined ? {} : { integers: request.options.integers }),
        installation: request.installation,
        cluster: request.facts,
        ...(request.apiVersions === undefined ? {} : { apiVersions: request.apiVersions }),
      },
      request.lookup,
      request.signal,
    )
    .catch((error) => {
      throw ofApp(error, request.package.resolved);
    });
  const { patches, imageRegistry, imagePullSecrets } = request.options;
  const prepared = rendered.objects.map((each) => ({
    ...each,
    object: addPullSecrets(rewriteImages(each.object, imageRegistry), imagePullSecrets),
  }));
  return { ...rendered, objects: applyPatches(prepared, patches) };
}

/**
 * The values as expressions see them; the user's own where the rest is its renderer's business.
 *
 * @throws AppstoreError VALUES_INVALID, VALUES_MISSING
 */
function completeValues(
  request: Pick<
    RenderPackageRequest,
    'package' | 'description' | 'options' | 'secrets' | 'generated' | 'placeholders'
  >,
): JsonObject {
  const { schema, metadata } = request.description;
  const given = withSecrets(schema, request.options.values, {
    given: request.secrets,
    generated: request.generated,
  });
  if (request.description.valuesBy === 'renderer') return given;
  const values = withDefaults(schema, given);
  const { problems, missing } = checkValues(schema, values);
  const exempt = new Set(request.placeholders ?? []);
  const wrong = problems.filter((problem) => !exempt.has(problem.at ?? ''));
  if (wrong.length > 0) throw invalid(request.package.resolved, [...wrong, ...missing.map(missingProblem)]);
  if (missing.length > 0) throw missingValues(metadata.name, missing);
  return values;
}

/** A renderer that checks the values itself does not know by which name the app is asked for. */
function ofApp(error: unknown, app: ResolvedPackage): unknown {
  const checked = error instanceof AppstoreError && error.code === 'VALUES_INVALID';
  return checked && error.problems.length > 0 ? invalid(app, error.problems) : error;
}

function invalid(app: ResolvedPackage, problems: readonly Problem[]): AppstoreError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new AppstoreError('VALUES_INVALID', `${app.name}: \`${first?.at}\` ${first?.message}${more}`, {
    problems,
    // Each of several problems tells its own
    hint:
      first?.hint === undefined || problems.length > 1
        ? `\`appstore values ${referenceTo(app)}\` shows what there is.`
        : sentence(first.hint),
  });
}

function missingValues(app: string, missing: readonly MissingValue[]): AppstoreError {
  const names = missing.map(({ path }) => `\`${path}\``).join(', ');
  const sets = missing.map(({ path, secret }) =>
    secret ? `--set-secret ${path}=secret/NAME:KEY` : `--set ${path}=...`,
  );
  return new AppstoreError('VALUES_MISSING', `${app} needs values that were not given: ${names}`, {
    problems: missing.map(missingProblem),
    hint: `Pass ${sets.join(' ')}, or a file with \`--values\`.`,
  });
}

function missingProblem({ path, schema }: MissingValue): Problem {
  const what = schema.title ?? schema.description?.split('\n', 1)[0];
  return { at: path, message: what === undefined ? 'is required' : `is required: ${what}` };
}

function sentence(hint: string): string {
  return hint.charAt(0).toUpperCase() + hint.slice(1);
}
