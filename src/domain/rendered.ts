import type { ClusterFacts } from './app.ts';
import type { Place, Problem } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';

/** A moment at which hooks run (https://helm.sh/docs/topics/charts_hooks/). */
export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'pre-delete'
  | 'post-delete'
  | 'test';

/** When an object is written. Hooks run around the change (Helm charts); everything else is normal or a CRD. */
export type Phase =
  | {
      readonly kind: 'normal';
      /** It is a Secret that the data in the app's volumes asks for, and stays with them when the app goes. */
      readonly opensVolumes?: true;
    }
  | {
      readonly kind: 'crd';
      /** It is a definition of `crds/`, which stays when the app goes. */
      readonly stays?: true;
    }
  | {
      readonly kind: 'hook';
      readonly events: readonly string[];
      readonly weight: number;
      readonly deletePolicies: readonly string[];
      /** When the log of the hook's pods is wanted: `hook-succeeded`, `hook-failed`; never where absent. */
      readonly logPolicies?: readonly string[];
    };

/** One object that a package renders to. */
export interface RenderedObject {
  readonly object: KubeObject;
  readonly source: Place;
  readonly phase: Phase;
}

export interface Output {
  readonly name: string;
  readonly value: string;
}

/** An address of the app. Without an Ingress, `service` and `port` say where to forward to. */
export interface OpenLink {
  readonly title: string;
  readonly url?: string;
  readonly service?: {
    readonly name: string;
    readonly port: number | string;
    readonly path: string;
    readonly scheme: 'http' | 'https';
  };
}

/** The result of a renderer: plain data, kept with the revision. */
export interface Rendered {
  readonly objects: readonly RenderedObject[];
  readonly outputs: readonly Output[];
  readonly open: readonly OpenLink[];
  readonly notes: string;
  /** Things that do not stop the change but that a person should know. */
  readonly problems: readonly Problem[];
  /** What the package itself put into Secrets and nobody gave: passwords and keys, masked wherever they turn up. */
  readonly secrets?: readonly string[];
}

/** What a renderer is given. It never sees the environment, files of the machine or the network. */
export interface RenderRequest {
  /**
   * Complete values: defaults, the user's own, secrets and generated ones, checked against the schema. Only the user's own, with
   * secrets, where the package leaves the rest to its renderer (`PackageDescription.valuesBy`).
   */
  readonly values: JsonObject;
  /** `UserOptions.integers` */
  readonly integers?: readonly string[];
  readonly installation: {
    readonly name: string;
    readonly namespace: string;
    readonly revision: number;
    /** False for an install, also where one before it failed. */
    readonly isUpgrade: boolean;
  };
  readonly cluster: ClusterFacts;
  /**
   * Every `group/version` and `group/version/Kind` that the cluster serves, where the package asks for it (`seesApis`) and there is a
   * cluster. Not stored with the revision, as what was rendered is.
   */
  readonly apiVersions?: readonly string[];
}
