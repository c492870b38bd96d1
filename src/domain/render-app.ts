import type { ClusterFacts, JsonSchema } from './app.ts';
import { appFile } from './app-file.ts';
import type { AppDefinition, ResourceTemplate } from './app-yaml.ts';
import type { CelShapes } from './cel-names.ts';
import { celEntries, toCel } from './cel-values.ts';
import { AppstoreError } from './errors.ts';
import { Expressions } from './expressions.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { type PlacedProblem, packageError, positionOf } from './package-problems.ts';
import { RenderBudget, renderLimits } from './render-budget.ts';
import { type Scope, StringRenderer, type Where } from './render-strings.ts';
import type { OpenLink, Output, Rendered, RenderedObject, RenderRequest } from './rendered.ts';
import { checkObjects } from './rendered-check.ts';
import { followRefs } from './schema-refs.ts';
import { stringDataToData } from './string-data.ts';
import { parseTemplate } from './template-string.ts';
import { secretTexts } from './values.ts';

/**
 * Renders a package with complete values: every expression is checked first, then `when`, `forEach` and the manifests in the order in
 * which they stand. The same input gives the same output, byte for byte.
 *
 * @throws AppstoreError EXPRESSION_FAILED, RENDER_LIMIT, OBJECT_INVALID, with the place.
 */
export function renderApp(app: AppDefinition, request: RenderRequest): Rendered {
  const render = new AppRender(app, request);
  render.checkAll();
  const folder = app.document.file.slice(0, -appFile.length);
  const objects = checkObjects(render.objects(), request.installation.namespace, folder);
  return {
    objects,
    outputs: render.outputs(),
    open: render.open(),
    notes: render.notes(),
    problems: [],
  };
}

const textShape: JsonSchema = { type: 'string' };

const clusterShape: JsonSchema = {
  type: 'object',
  properties: {
    version: {
      type: 'object',
      properties: { major: { type: 'integer' }, minor: { type: 'integer' }, gitVersion: textShape },
    },
    capabilities: { type: 'array', items: textShape },
    storageClass: textShape,
    ingressClass: textShape,
  },
};

const appShape: JsonSchema = {
  type: 'object',
  properties: { name: textShape, version: textShape, appVersion: textShape },
};

class AppRender {
  private readonly app: AppDefinition;
  private readonly strings: StringRenderer;
  private readonly budget = new RenderBudget();
  private readonly expressions: Expressions;
  private readonly scope: Scope;
  private readonly shapes = new Map<ResourceTemplate, Map<string, JsonSchema | undefined>>();

  constructor(app: AppDefinition, request: RenderRequest) {
    this.app = app;
    const { schema } = app.description;
    this.expressions = new Expressions(schema, this.budget);
    const secrets = secretTexts(schema, request.values);
    this.strings = new StringRenderer(this.expressions, this.budget, (text) => hide(text, secrets));
    this.scope = scopeOf(app, request);
  }

  /** @throws AppstoreError EXPRESSION_FAILED with every expression that cannot be evaluated with any values. */
  checkAll(): void {
    const { shapes } = this.scope;
    const problems: PlacedProblem[] = [
      ...this.app.resources.flatMap((resource) => this.checkResource(resource)),
      ...this.strings.check(this.app.outputs, shapes, this.at('outputs')),
      ...this.strings.check([...this.app.open], shapes, this.at('open')),
      ...this.strings.check(this.app.notes, shapes, this.at('notes')),
    ];
    if (problems.length > 0) throw packageError('app.yaml', problems, 'EXPRESSION_FAILED');
  }

  objects(): RenderedObject[] {
    const result: RenderedObject[] = [];
    let size = 0;
    for (const resource of this.app.resources) {
      for (const object of this.resource(resource)) {
        result.push(object);
        size += JSON.stringify(object.object).length;
        if (result.length > renderLimits.objects)
          throw tooMuch(resource, `more than ${renderLimits.objects} objects`);
        if (size > renderLimits.output)
          throw tooMuch(resource, `more than ${renderLimits.output} characters of objects`);
      }
    }
    return result;
  }

  outputs(): Output[] {
    return Object.entries(this.app.outputs).flatMap(([name, value]) => {
      const where = { ...this.at('outputs'), path: ['outputs', name] };
      const rendered = this.strings.render(value ?? null, this.scope, where);
      if (rendered === undefined || rendered === null) return [];
      const text = typeof value === 'string' ? this.strings.text(value, this.scope, where) : String(rendered);
      return [{ name, value: text }];
    });
  }

  open(): OpenLink[] {
    return this.app.open.flatMap((entry, index) => {
      const where = { ...this.at('open'), path: ['open', index] };
      if (!this.holds(entry.when, this.scope, where)) return [];
      const { when: _, ...rest } = entry;
      const rendered = this.strings.render(rest, this.scope, where);
      return isObject(rendered) ? [openLink(rendered)] : [];
    });
  }

  notes(): string {
    return this.strings.text(this.app.notes, this.scope, this.at('notes'));
  }

  private at(key: 'outputs' | 'open' | 'notes'): Where {
    return { document: this.app.document, path: [key], subject: '' };
  }

  private checkResource(resource: ResourceTemplate): PlacedProblem[] {
    const where: Where = {
      document: resource.document,
      path: resource.path,
      subject: subjectOf(resource.manifest),
      base: resource.path.length,
    };
    const { shapes } = this.scope;
    const problems = [
      ...this.strings.check(resource.when, shapes, { ...where, path: [...where.path, 'when'] }),
      ...resource.forEach.flatMap(([name, value]) =>
        this.strings.check(value, shapes, { ...where, path: [...where.path, 'forEach', name] }),
      ),
    ];
    // Variables whose list is not understood have no shape to check against.
    const inner =
      problems.length > 0 ? problems : resource.forEach.length === 0 ? shapes : this.shapesIn(resource);
    if (Array.isArray(inner)) return inner;
    return this.strings.check(resource.manifest, inner as CelShapes, {
      ...where,
      path: resource.manifestPath,
      base: resource.manifestPath.length,
    });
  }

  /** The shapes of a resource: those of everywhere, and one a `forEach` variable. */
  private shapesIn(resource: ResourceTemplate): Map<string, JsonSchema | undefined> {
    const known = this.shapes.get(resource);
    if (known !== undefined) return known;
    const { schema } = this.app.description;
    const shapes = new Map(this.scope.shapes);
    this.shapes.set(resource, shapes);
    for (const [name, value] of resource.forEach) {
      const template = typeof value === 'string' ? parseTemplate(value) : undefined;
      const source = template !== undefined && 'whole' in template ? template.whole?.source : undefined;
      const list = source === undefined ? undefined : this.expressions.shapeOf(source, this.scope.shapes);
      shapes.set(name, list?.items === undefined ? undefined : followRefs(schema, list.items));
    }
    return shapes;
  }

  private *resource(resource: ResourceTemplate): Generator<RenderedObject> {
    const where: Where = {
      document: resource.document,
      path: resource.path,
      subject: subjectOf(resource.manifest),
      base: resource.path.length,
    };
    if (!this.holds(resource.when, this.scope, where)) return;
    const shapes = resource.forEach.length === 0 ? this.scope.shapes : this.shapesIn(resource);
    for (const variables of this.combinations(resource, where)) {
      const scope: Scope = { shapes, values: { ...this.scope.values, ...variables } };
      yield this.object(resource, scope, where);
    }
  }

  private object(resource: ResourceTemplate, scope: Scope, where: Where): RenderedObject {
    const name = this.nameOf(resource, scope);
    const subject = name === undefined ? where.subject : `${String(resource.manifest.kind)}/${name}`;
    const rendered = this.strings.render(resource.manifest, scope, {
      ...where,
      path: resource.manifestPath,
      base: resource.manifestPath.length,
      subject,
    });
    const object = stringDataToData((isObject(rendered) ? rendered : {}) as KubeObject);
    const { line, column } = resource.document.place(resource.manifestPath);
    const source = {
      file: resource.file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    };
    const isCrd =
      object.kind === 'CustomResourceDefinition' &&
      String(object.apiVersion).startsWith('apiextensions.k8s.io/');
    return { object, source, phase: { kind: isCrd ? 'crd' : 'normal' } };
  }

  /** The name for messages; undefined where it is what fails. */
  private nameOf(resource: ResourceTemplate, scope: Scope): string | undefined {
    const metadata = resource.manifest.metadata;
    const name = isObject(metadata) ? metadata.name : undefined;
    if (typeof name !== 'string') return undefined;
    try {
      return this.strings.text(name, scope, {
        document: resource.document,
        path: resource.manifestPath,
        subject: '',
      });
    } catch {
      return undefined;
    }
  }

  private holds(when: Json | undefined, scope: Scope, where: Where): boolean {
    if (when === undefined) return true;
    const at = { ...where, path: [...where.path, 'when'] };
    const value = this.strings.raw(when, scope, at);
    if (typeof value === 'boolean') return value;
    const place = at.document.place(at.path);
    const subject = where.subject === '' ? '' : `${where.subject}: `;
    throw new AppstoreError(
      'EXPRESSION_FAILED',
      `${positionOf(place)}: ${subject}\`when\` must be true or false`,
      { place },
    );
  }

  /** Every combination of the variables, the last one changing fastest; one empty one where there are none. */
  private combinations(resource: ResourceTemplate, where: Where): Record<string, unknown>[] {
    return resource.forEach.reduce<Record<string, unknown>[]>(
      (combinations, [name, value]) => {
        const items = this.items(name, value, where);
        if (combinations.length * items.length > renderLimits.objects)
          throw tooMuch(resource, `more than ${renderLimits.objects} objects`);
        return combinations.flatMap((variables) => items.map((item) => ({ ...variables, [name]: item })));
      },
      [{}],
    );
  }

  private items(name: string, value: Json, where: Where): unknown[] {
    const at = { ...where, path: [...where.path, 'forEach', name] };
    const list =
      typeof value === 'string'
        ? this.strings.raw(value, this.scope, at)
        : toCel({}, undefined, this.strings.render(value, this.scope, at) ?? null);
    if (Array.isArray(list)) return list;
    const entries = celEntries(list);
    if (entries !== undefined)
      return entries
        .map(([key, item]) => ({ key: String(key), value: item }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    const place = at.document.place(at.path);
    throw new AppstoreError(
      'EXPRESSION_FAILED',
      `${positionOf(place)}: ${where.subject}: \`forEach\` needs a list or a map`,
      {
        place,
      },
    );
  }
}

function scopeOf(app: AppDefinition, request: RenderRequest): Scope {
  const { schema, metadata } = app.description;
  const { name, version, appVersion } = metadata;
  return {
    shapes: new Map<string, JsonSchema | undefined>([
      ['name', textShape],
      ['namespace', textShape],
      ['values', schema],
      ['app', appShape],
      ['cluster', clusterShape],
    ]),
    values: {
      name: request.installation.name,
      namespace: request.installation.namespace,
      values: toCel(schema, schema, request.values),
      app: { name, version, appVersion },
      cluster: toCel(clusterShape, clusterShape, factsJson(request.cluster)),
    },
  };
}

function factsJson(facts: ClusterFacts): JsonObject {
  const { version, capabilities, storageClass, ingressClass } = facts;
  return { version: { ...version }, capabilities: [...capabilities], storageClass, ingressClass };
}

/** `Kind/name` as it stands in the source. */
function subjectOf(manifest: JsonObject): string {
  const metadata = manifest.metadata;
  const name = isObject(metadata) ? metadata.name : undefined;
  return typeof name === 'string' ? `${String(manifest.kind)}/${name}` : String(manifest.kind);
}

function tooMuch(resource: ResourceTemplate, what: string): AppstoreError {
  const place = resource.document.place(resource.path);
  return new AppstoreError('RENDER_LIMIT', `${positionOf(place)}: ${what}`, { place });
}

function openLink(entry: JsonObject): OpenLink {
  const { title, url, service } = entry;
  const port = isObject(service) ? service.port : undefined;
  const target =
    isObject(service) && (typeof port === 'number' || typeof port === 'string')
      ? {
          name: String(service.name),
          port,
          path: typeof service.path === 'string' && service.path !== '' ? service.path : '/',
          scheme: service.scheme === 'https' ? ('https' as const) : ('http' as const),
        }
      : undefined;
  return {
    title: String(title),
    ...(typeof url === 'string' && url !== '' ? { url } : {}),
    ...(target === undefined ? {} : { service: target }),
  };
}

/** Every secret is taken out, however short: a garbled message is better than one that tells. */
function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((result, secret) => result.replaceAll(secret, '********'), text);
}
