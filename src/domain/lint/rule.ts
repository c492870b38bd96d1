import type { PackageDescription, PackageFile } from '../app.ts';
import type { PathStep } from '../given.ts';
import type { KubeObject } from '../objects.ts';
import type { Rendered, RenderedObject } from '../rendered.ts';
import type { PodView } from './pod-view.ts';

export type Severity = 'error' | 'warning';

/** What a rule finds wrong. */
export interface Hit {
  readonly message: string;
  /** Where in the object (or in app.yaml, for rules of packages); its whole where absent. */
  readonly path?: readonly PathStep[];
  /** File of the package, where it is not that of the object. */
  readonly file?: string;
}

/** What is known of the package besides. */
export interface PackageView {
  readonly files: readonly PackageFile[];
  readonly description: PackageDescription;
  readonly format: 'app' | 'chart';
}

/** What a rule of objects sees besides the object. */
interface RenderedView extends PackageView {
  readonly rendered: Rendered;
  readonly installation: { readonly name: string; readonly namespace: string };
}

interface RuleText {
  /** Never renamed: packages and pipelines name it. */
  readonly name: string;
  readonly severity: Severity;
  /** Why it matters, with the source where it is not ours. */
  readonly reason: string;
  readonly fix: string;
}

/** A rule looks at every pod of the app, every object, or at the package itself. */
export type LintRule = RuleText &
  (
    | { readonly of: 'pod'; readonly check: (pod: PodView, all: RenderedView) => readonly Hit[] }
    | {
        readonly of: 'object';
        readonly check: (object: KubeObject, all: RenderedView, one: RenderedObject) => readonly Hit[];
      }
    | { readonly of: 'package'; readonly check: (all: PackageView) => readonly Hit[] }
    /** Found by whoever reads or renders the package. */
    | { readonly of: 'reading' }
  );
