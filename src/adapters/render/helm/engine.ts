import type { PackageFile } from '../../../domain/app.ts';
import type { PathStep } from '../../../domain/given.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';

/** Helm's own engine, as a process or in WebAssembly (docs/helm.md). Both give the same, byte for byte. */
export interface ChartEngine {
  readonly build: 'native' | 'wasm';
  /** Begins what the next request needs whatever it asks; to be called where one is sure to come. */
  warm?(): void;
  /** Throws PACKAGE_INVALID, RENDER_LIMIT. */
  describe(files: readonly PackageFile[], signal?: AbortSignal): Promise<ChartDescription>;
  /**
   * Throws what the answers throw, and PACKAGE_INVALID, DEPENDENCY_MISSING, VALUES_INVALID, TEMPLATE_FAILED, REQUIREMENT_UNMET,
   * RENDER_LIMIT.
   */
  render(request: ChartRequest, answers: ChartAnswers, signal?: AbortSignal): Promise<ChartRendering>;
  /** The documents of a YAML stream as Helm reads them, such as what `helm template` prints. Throws TEMPLATE_FAILED. */
  documents(stream: string, signal?: AbortSignal): Promise<ChartRendering>;
}

/** What can be told of a chart without values. */
export interface ChartDescription {
  /** Chart.yaml, as Helm reads it. */
  readonly metadata: JsonObject;
  readonly dependencies: readonly ChartDependencyState[];
  /** Text of values.schema.json; `''` where there is none. */
  readonly schema: string;
  /** Text of values.yaml; `''` where there is none. */
  readonly valuesText: string;
  /** Default values, those of all dependencies under their names included, whether these are enabled or not. */
  readonly values: JsonObject;
  readonly warnings: readonly string[];
}

/** A dependency that Chart.yaml names. */
interface ChartDependencyState {
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  /** Helm refuses only what is missing; the others it renders as they are. */
  readonly state: 'present' | 'missing' | 'wrong version' | 'not as locked';
  /** The version in charts/; `''` where there is none. */
  readonly found: string;
}

export interface ChartRequest {
  readonly files: readonly PackageFile[];
  /** The user's own. */
  readonly values: JsonObject;
  /** Where in them the whole numbers of `--set` are: int64 in templates, as all others are float64. */
  readonly integers?: readonly (readonly PathStep[])[];
  readonly release: {
    readonly name: string;
    readonly namespace: string;
    readonly revision: number;
    readonly isUpgrade: boolean;
  };
  readonly capabilities: {
    /** `1.34.2`, `v1.34.2-gke.5`; Helm's own default where absent. */
    readonly kubeVersion?: string;
    /** What the cluster serves, `group/version` and `group/version/Kind`. */
    readonly apiVersions?: readonly string[];
    /** True where these are all; else Helm's own list of what a cluster has comes before them. */
    readonly all?: boolean;
  };
  /** Whether what lies in `crds/` is wanted as well. */
  readonly includeCrds: boolean;
  /** Whether the default values are wanted as well. */
  readonly defaults?: boolean;
}

/** What the engine asks back while it renders. What these throw ends the rendering and is thrown by it. */
export interface ChartAnswers {
  /** An object, or with an empty name a list; an empty map where there is none. */
  lookup(wanted: LookupQuestion): Promise<JsonObject>;
  /** Throws VALUES_INVALID with all that does not fit. */
  checkValues(charts: readonly ChartValues[]): Promise<void>;
}

export interface LookupQuestion {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The schema of a chart and the values that it is given. */
export interface ChartValues {
  readonly chart: string;
  /** Keys from the user's values to those of this chart. */
  readonly path: readonly string[];
  /** Text of its values.schema.json. */
  readonly schema: string;
  readonly values: JsonObject;
}

export interface ChartRendering {
  readonly documents: readonly ChartDocument[];
  /** What functions that go by chance answered: passwords, private keys, identifiers. Absent where there is nothing. */
  readonly made?: readonly string[];
  /** As `ChartDescription.values`, where they were asked for. */
  readonly defaults?: JsonObject;
  readonly notes: string;
  /** What Helm's code warned of. */
  readonly warnings: readonly string[];
}

/** One YAML document, in the order in which Helm prints them: CRDs, objects by kind, hooks. */
export interface ChartDocument {
  /** `chart/templates/file.yaml` */
  readonly path: string;
  /** Line in the template, 0 where it cannot be told. */
  readonly line: number;
  readonly crd?: boolean;
  readonly hook?: {
    readonly events: readonly string[];
    readonly weight: number;
    readonly deletePolicies: readonly string[];
    readonly outputLogPolicies: readonly string[];
  };
  readonly object: Json;
}
