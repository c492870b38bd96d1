import type { CelShapes } from './cel-names.ts';
import { celText, fromCel } from './cel-values.ts';
import { AppstoreError, type Place } from './errors.ts';
import { ExpressionError, type Expressions } from './expressions.ts';
import { formatPath, type PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { type PlacedProblem, positionOf } from './package-problems.ts';
import { LimitReached, type RenderBudget } from './render-budget.ts';
import {
  isPlain,
  parseTemplate,
  type Template,
  type TemplatePart,
  type TemplateProblem,
} from './template-string.ts';
import type { YamlDocument } from './yaml-source.ts';

/** What expressions at one place may see. */
export interface Scope {
  readonly shapes: CelShapes;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Where a string stands: its document, its path there, and what it is part of (`Deployment/web`, `outputs`). */
export interface Where {
  readonly document: YamlDocument;
  readonly path: readonly PathStep[];
  readonly subject: string;
  /** How many steps of the path lead to the subject; the rest is the field in it. */
  readonly base?: number;
}

/** Renders the strings of one package. */
export class StringRenderer {
  private readonly expressions: Expressions;
  private readonly budget: RenderBudget;
  /** The same strings stand in many places. */
  private readonly templates = new Map<string, Template | TemplateProblem>();
  /** Takes secrets out of a message. */
  private readonly hide: (text: string) => string;

  constructor(expressions: Expressions, budget: RenderBudget, hide: (text: string) => string) {
    this.expressions = expressions;
    this.budget = budget;
    this.hide = hide;
  }

  /** Problems of every expression in a value, before anything is evaluated. */
  check(value: Json | undefined, shapes: CelShapes, where: Where): PlacedProblem[] {
    if (typeof value === 'string') return isPlain(value) ? [] : this.checkText(value, shapes, where);
    if (Array.isArray(value))
      return value.flatMap((item, index) => this.check(item, shapes, into(where, index)));
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([key, item]) => this.check(item, shapes, into(where, key)));
  }

  /**
   * A value with its expressions evaluated; undefined where it is one expression that gives null or nothing, which means "leave it
   * out". Maps and lists leave such entries out.
   *
   * @throws AppstoreError EXPRESSION_FAILED, RENDER_LIMIT
   */
  render(value: Json, scope: Scope, where: Where): Json | undefined {
    if (typeof value === 'string') return isPlain(value) ? value : this.renderText(value, scope, where);
    if (Array.isArray(value))
      return value
        .map((item, index) => this.render(item, scope, into(where, index)))
        .filter((item) => item !== undefined);
    return isObject(value) ? this.renderMap(value, scope, where) : value;
  }

  /** Like `render`, as text: null and nothing are ''. */
  text(value: string, scope: Scope, where: Where): string {
    return this.template(value, where)
      .parts.map((part) =>
        part.kind === 'text' ? part.text : this.evaluate(part, value, scope, where, celText),
      )
      .join('');
  }

  /** The value of a string that is one expression, as CEL has it; any other value as it stands. */
  raw(value: Json, scope: Scope, where: Where): unknown {
    if (typeof value !== 'string' || isPlain(value)) return value;
    const { whole } = this.template(value, where);
    return whole === undefined
      ? this.text(value, scope, where)
      : this.evaluate(whole, value, scope, where, (result) => result);
  }

  private renderMap(value: JsonObject, scope: Scope, where: Where): JsonObject {
    const result: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      const rendered = item === undefined ? undefined : this.render(item, scope, into(where, key));
      if (rendered !== undefined)
        Object.defineProperty(result, key, {
          value: rendered,
          writable: true,
          enumerable: true,
          configurable: true,
        });
    }
    return result;
  }

  private renderText(value: string, scope: Scope, where: Where): Json | undefined {
    const { whole } = this.template(value, where);
    if (whole === undefined) return this.text(value, scope, where);
    return this.evaluate(whole, value, scope, where, fromCel) ?? undefined;
  }

  private evaluate<T>(
    part: TemplatePart & { readonly kind: 'expression' },
    text: string,
    scope: Scope,
    where: Where,
    convert: (value: unknown, budget: RenderBudget) => T,
  ): T {
    try {
      return convert(this.expressions.compile(part.source, scope.shapes).evaluate(scope.values), this.budget);
    } catch (error) {
      throw this.failure(asExpressionError(error), { part, text, where });
    }
  }

  private template(value: string, where: Where): Template {
    const template = this.cut(value);
    if (!('problem' in template)) return template;
    throw asError(this.templateProblem(template, value, where), false);
  }

  private cut(value: string): Template | TemplateProblem {
    const template = this.templates.get(value) ?? parseTemplate(value);
    this.templates.set(value, template);
    return template;
  }

  private checkText(value: string, shapes: CelShapes, where: Where): PlacedProblem[] {
    const template = this.cut(value);
    if ('problem' in template) return [this.templateProblem(template, value, where)];
    return template.parts.flatMap((part) => {
      if (part.kind === 'text') return [];
      try {
        this.expressions.compile(part.source, shapes);
        return [];
      } catch (error) {
        return [this.placed(asExpressionError(error), { part, text: value, where })];
      }
    });
  }

  private templateProblem(
    problem: { problem: string; at: number },
    text: string,
    where: Where,
  ): PlacedProblem {
    const hint = 'write `$${` for a literal `${`';
    return {
      message: `${subjectOf(where)}${problem.problem}`,
      place: placeIn(text, problem.at, where),
      hint,
    };
  }

  private failure(error: ExpressionError, at: Failed): AppstoreError {
    return asError(this.placed(error, at), error.limit);
  }

  private placed(error: ExpressionError, { part, text, where }: Failed): PlacedProblem {
    const source = part.source.trim();
    const quoted = source.length > 200 ? `${source.slice(0, 200)}...` : source;
    return {
      message: `${subjectOf(where)}${this.hide(error.message)} in \${${quoted}}`,
      place: placeIn(text, part.at + error.at, where),
      ...(error.hint === undefined ? {} : { hint: this.hide(error.hint) }),
    };
  }
}

interface Failed {
  readonly part: TemplatePart & { readonly kind: 'expression' };
  readonly text: string;
  readonly where: Where;
}

function into(where: Where, step: PathStep): Where {
  return { ...where, path: [...where.path, step] };
}

/** The error of one problem, as a list of one. */
function asError(problem: PlacedProblem, limit: boolean): AppstoreError {
  const { message, place, hint } = problem;
  return new AppstoreError(limit ? 'RENDER_LIMIT' : 'EXPRESSION_FAILED', `${positionOf(place)}: ${message}`, {
    place,
    ...(hint === undefined ? {} : { hint: hint.charAt(0).toUpperCase() + hint.slice(1) }),
  });
}

function asExpressionError(error: unknown): ExpressionError {
  if (error instanceof ExpressionError) return error;
  const message = error instanceof Error ? error.message : 'it failed';
  return new ExpressionError(message, 0, { limit: error instanceof LimitReached });
}

/** `Kind/name field: `, as far as there is one. */
function subjectOf(where: Where): string {
  const parts = [where.subject, formatPath(where.path.slice(where.base ?? 0))].filter((part) => part !== '');
  return parts.length === 0 ? '' : `${parts.join(' ')}: `;
}

/** Place of an offset in a string. Within folded or escaped text the line is right and the column near. */
function placeIn(text: string, offset: number, where: Where): Place {
  const start = where.document.textStart(where.path);
  const field = formatPath(where.path);
  const { file } = where.document;
  if (start === undefined) return { ...where.document.place(where.path), ...(field === '' ? {} : { field }) };
  const before = text.slice(0, offset).split('\n');
  const inLine = before.at(-1)?.length ?? 0;
  const further = before.length - 1;
  const column = further === 0 || start.block ? start.column + inLine : inLine + 1;
  return { file, line: start.line + further, column, ...(field === '' ? {} : { field }) };
}
