import type { ErrorCode } from '../domain/error-codes.ts';
import type { SignedIndex, SignerName, VerifiedIndex } from '../domain/index-statement.ts';

/** What a catalog is: a later version may know further kinds, and names them then. */
export type CatalogKind = 'helm' | 'site' | 'oci' | 'git' | 'folder';

/** A catalog that was added. Secrets are kept apart from it. */
export interface CatalogEntry {
  readonly name: string;
  readonly kind: CatalogKind;
  /** An address without user and password, or the whole path of a folder. */
  readonly location: string;
  /** The registry is asked over plain HTTP. */
  readonly plainHttp?: boolean;
  /** Paths of PEM files: an own certificate authority, and what this client shows. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Nothing is taken from it that this signer did not sign. */
  readonly signedBy?: CatalogSigner;
  readonly trust?: CatalogTrust;
}

/** Whose signature a catalog has to have. */
export interface CatalogSigner {
  /** Public keys in PEM form, one after the other: a signature by any of them counts. */
  readonly key?: string;
  /** Short-lived certificates for these count, too (Sigstore's keyless signatures). */
  readonly identities?: readonly SignerIdentity[];
  /** Sigstore's root of trust for them, as JSON; that of its public instance where absent. */
  readonly trustedRoot?: string;
  /** The catalog's name under its signatures; that of the first one unless given. */
  readonly as?: string;
}

/** Somebody, or a pipeline, as a provider of identities knows them. */
export interface SignerIdentity {
  /** An e-mail address or a URL, as the certificate has it. */
  readonly identity: string;
  /** URL of the provider. */
  readonly issuer: string;
}

/** A change of whom a catalog is pinned to. */
export interface TrustChange {
  /** Public keys in PEM form. */
  readonly addKeys: readonly string[];
  /** Public keys in PEM form, or as `sha256:<hex>`. */
  readonly removeKeys: readonly string[];
  readonly addIdentities: readonly SignerIdentity[];
  readonly removeIdentities: readonly SignerIdentity[];
  /** Takes the place of the root of trust of before. */
  readonly trustedRoot?: string;
}

/** Whom a catalog is pinned to after a change. */
export interface TrustReport {
  readonly name: string;
  readonly signers: readonly SignerName[];
  /** The catalog's name under its signatures; absent before the first one. */
  readonly as?: string;
  /** True where what is kept here has no signature that counts any more: it is not used before the next update. */
  readonly updateNeeded: boolean;
}

/** What is known of the signatures of a catalog. */
export interface CatalogTrust {
  /** The newest that was ever believed, whether or not its index could be had: nothing older is taken. */
  readonly seen: VerifiedIndex;
  /** That of the index which is kept here. */
  readonly kept?: VerifiedIndex;
}

/** User and password, or a token, as a person gives them. */
export type GivenCredential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** What is known of an added catalog without asking its server. */
export interface CatalogState extends CatalogEntry {
  /** False where it has credentials of its own. */
  readonly anonymous: boolean;
  /** What the local index has; absent where there is none (never read, or nothing to read: folders, registries without one). */
  readonly indexed?: { readonly apps: number; readonly versions: number };
  /** When its index was last found to be what the server has. */
  readonly checked?: Date;
  /** Where it is pinned: to which key, and what is signed. */
  readonly signature?: PinnedSignature;
}

/** To whom a catalog is pinned, and what of it is here. */
export interface PinnedSignature {
  /** Who may sign: any of them. */
  readonly signers: readonly SignerName[];
  /** Of the index that is kept here; absent where there is none that counts. */
  readonly index?: VerifiedIndex;
  /** False from the end of the signature on, and without one. */
  readonly current: boolean;
}

/** What came of checking the signatures of a catalog. Nothing is changed by it. */
export interface CatalogVerification {
  readonly name: string;
  readonly location: string;
  /** `unsigned`: it is pinned to nobody. */
  readonly outcome: 'verified' | 'unsigned' | 'failed';
  readonly signature?: PinnedSignature;
  /** What the server says now; absent where it was not asked, or what it says does not count. */
  readonly server?: SignedIndex;
  readonly problems: readonly { readonly code: ErrorCode; readonly message: string; readonly hint: string }[];
}

/** What came of reading a catalog's index. */
export interface CatalogReading {
  /** `nothing`: there is no index to read (registries, folders). */
  readonly outcome: 'read' | 'unchanged' | 'nothing';
  readonly apps: number;
  readonly versions: number;
  /** What of the index cannot be used: how much, and the first of it. */
  readonly skipped: number;
  readonly problems: readonly { readonly at: string; readonly message: string }[];
  /** What the signer says of it, where the catalog is pinned to one. */
  readonly signed?: VerifiedIndex;
}

/** The catalogs that a person added, on this machine. */
export interface CatalogStore {
  list(): Promise<readonly CatalogState[]>;
  /**
   * Reads the catalog, then remembers it: what cannot be read is not added. Throws CATALOG_EXISTS, and what reading throws.
   */
  add(
    entry: CatalogEntry,
    credential: GivenCredential | undefined,
    signal: AbortSignal,
  ): Promise<CatalogReading>;
  /** Forgets the catalog with its credentials and its local index. Throws CATALOG_NOT_FOUND. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Asks the server for a newer index. Throws CATALOG_NOT_FOUND, and what reading throws. */
  update(name: string, signal: AbortSignal): Promise<CatalogReading>;
  /**
   * Changes whom a catalog is pinned to, or tells it where nothing is to be changed. What somebody signed who is not trusted any more is
   * not used any more, and forgotten. Throws CATALOG_NOT_FOUND, USAGE.
   */
  trust(name: string, change: TrustChange, signal: AbortSignal): Promise<TrustReport>;
  /** Checks what is kept of a catalog, and what its server says now. Throws CATALOG_NOT_FOUND. */
  verify(name: string, signal: AbortSignal): Promise<CatalogVerification>;
}
