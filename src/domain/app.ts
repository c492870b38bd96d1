import type { Json, JsonObject } from './json.ts';

/** A JSON Schema (2020-12), as far as values use it, with the extensions that appstore knows. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly writeOnly?: boolean;
  readonly deprecated?: boolean;
  readonly examples?: readonly Json[];
  /** A secret made once at install and kept (docs/packages.md). */
  readonly 'x-generate'?: GenerateRule;
  /** Folded away in forms, asked only when wanted. */
  readonly 'x-advanced'?: boolean;
  readonly [keyword: string]: unknown;
}

/** How a generated secret is made. */
export interface GenerateRule {
  /** Characters; 8 to 1024, 32 if not said. */
  readonly length?: number;
  /** `alphanumeric` (the default), `hex`, `base64url`, `numeric`, or a set of characters of its own. */
  readonly alphabet?: string;
}

/** What a package needs of the cluster. Answered before anything is written. */
export interface Requirements {
  /** A semver range for the Kubernetes version, for example `>=1.29`. */
  readonly kubernetes?: string;
  /** `storage`, `ingress`, `metrics`, `loadBalancer`, or `group/Kind` of an API that must be served. */
  readonly capabilities?: readonly string[];
}

export interface Maintainer {
  readonly name: string;
  readonly email?: string;
  readonly url?: string;
}

/** What a catalog shows of an app at one version. */
export interface AppMetadata {
  readonly name: string;
  /** Semver of the package. */
  readonly version: string;
  /** Version of what it runs. */
  readonly appVersion: string;
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  readonly category: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly home: string;
  readonly sources: readonly string[];
  readonly maintainers: readonly Maintainer[];
  /** Path of the icon inside the package; `''` where there is none. */
  readonly icon: string;
  /** Its makers say that it should not be used any more. */
  readonly deprecated?: boolean;
  /** Why, where the catalog tells it of the whole app. */
  readonly deprecation?: string;
  /** Why its catalog took this version back: nobody gets it who does not name it exactly. */
  readonly yanked?: string;
}

/** A package as its renderer understands it, before values are known. */
export interface PackageDescription {
  readonly metadata: AppMetadata;
  /** Schema of the values. Unknown names are refused unless it says otherwise. */
  readonly schema: JsonSchema;
  readonly requires: Requirements;
  /** The text of README.md; `''` where there is none. */
  readonly readme: string;
  /** `renderer`: it lays the user's values over the defaults and checks them, so they reach it as they were given. */
  readonly valuesBy?: 'renderer';
  /** The defaults as their author wrote them, with comments; made of the schema where absent. */
  readonly valuesText?: string;
  /** True where what is rendered may depend on every API that the cluster serves. */
  readonly seesApis?: boolean;
}

/** An app reference as a person writes it: `name`, `catalog/name`, `name@version-or-range`, `./folder`. */
export interface AppReference {
  readonly text: string;
  readonly catalog?: string;
  readonly name: string;
  /** A version or semver range. */
  readonly range?: string;
  /** A path or address that stands for one package by itself (`./folder`). */
  readonly location?: string;
}

/** A reference made exact: this catalog, this version, these bytes. Stored with the revision. */
export interface ResolvedPackage {
  readonly catalog: string;
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  /** `sha256:<hex>` over the sorted list of path, mode, size and sha256 of the files (docs/packages.md). */
  readonly contentDigest: string;
  /** Where it came from, for people: a path or address without credentials. */
  readonly source: string;
  /** `sha256:<hex>` of the archive that it came in. The content digest is the same for every packing. */
  readonly archiveDigest?: string;
  /** The index that listed it; absent where no index did (folders, registries, locations). */
  readonly provenance?: Provenance;
}

/** Who says that a package is what its catalog has. */
export interface Provenance {
  /** `sha256:<hex>` of the index as it came. */
  readonly indexDigest: string;
  /** Whose signature over that index was checked, where the catalog is pinned to a signer. */
  readonly signature?: {
    /** `sha256:<hex>` of the signer's public key, or whom a certificate was for. */
    readonly signer: string;
    /** Of a certificate: URL of the provider that knows the signer. */
    readonly issuer?: string;
    /** The catalog's name under the signature. */
    readonly catalog: string;
    readonly version: number;
    /** RFC 3339, UTC: when this machine checked it. */
    readonly verifiedAt: string;
  };
}

/** One file of a package. `mode` is 0o644 or 0o755: nothing else counts. */
export interface PackageFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** An opened package: its files, sorted by path. */
export interface Package {
  readonly resolved: ResolvedPackage;
  readonly files: readonly PackageFile[];
}

/** The package of a revision, which is read only where somebody needs its files. */
export interface StoredPackage {
  readonly resolved: ResolvedPackage;
  /** Throws RECORD_INVALID. */
  read(): Promise<Package>;
}

/** What the cluster is like, as expressions may see it. Stored with the revision. */
export interface ClusterFacts {
  readonly version: { readonly major: number; readonly minor: number; readonly gitVersion: string };
  /** Names as in `Requirements.capabilities`, sorted. */
  readonly capabilities: readonly string[];
  /** Name of the default StorageClass, `''` where there is none. */
  readonly storageClass: string;
  /** Name of the default (or only) IngressClass, `''` where there is none. */
  readonly ingressClass: string;
}

/** The values that a user gave, as opposed to defaults. This alone is stored. */
interface UserValues {
  readonly values: JsonObject;
  /** Paths of the whole numbers that `--set` gave, which charts print with all digits (docs/helm.md); absent: none. */
  readonly integers?: readonly string[];
  /** Values that are read from Secrets of the cluster, by path in the values. */
  readonly secretRefs: readonly SecretReference[];
}

/** `--set-secret a.b=secret/name:key`. */
export interface SecretReference {
  /** Path in the values, as `--set` writes it. */
  readonly path: string;
  readonly secret: string;
  readonly key: string;
}

/** One change that a user makes to what the package renders. */
export interface ObjectPatch {
  readonly target: {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
    readonly group?: string;
  };
  /** RFC 7386 merge patch; exactly one of `merge` and `json` is there. */
  readonly merge?: JsonObject;
  /** RFC 6902 operations. */
  readonly json?: readonly JsonPatchOperation[];
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** A field that is left to another manager, as it is stored; `object` is `Kind.group/namespace/name`. */
export interface YieldedField {
  readonly object: string;
  readonly field: string;
}

/** Everything a user chose for an installation. Stored with each revision, merged anew at each upgrade. */
export interface UserOptions extends UserValues {
  readonly patches: readonly ObjectPatch[];
  /** Registry (and path) that stands in for every image's own; `''` for none. */
  readonly imageRegistry: string;
  readonly imagePullSecrets: readonly string[];
  /** Fields left to another manager; `object` is `Kind.group/namespace/name`. */
  readonly yielded: readonly YieldedField[];
}
