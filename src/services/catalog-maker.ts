import type { Problem } from '../domain/errors.ts';
import type { SignedIndex, SignerName } from '../domain/index-statement.ts';
import type { CatalogEntry, GivenCredential } from './catalog-store.ts';

/** A version of an app. */
export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** A private key as a person keeps it. */
export interface PrivateKeyText {
  /** PEM form. */
  readonly pem: string;
  /** What it is encrypted with; absent where it is not. */
  readonly passphrase?: string;
}

/** How a certificate is got, and what witnesses that it was used in time (Sigstore). */
export interface KeylessRequest {
  /** Says who signs: an OpenID Connect token for the audience `sigstore`. A secret. That of the pipeline where absent. */
  readonly token?: string;
  /** URLs of the services; those of the public instance where absent. */
  readonly fulcio?: string;
  readonly rekor?: string;
  readonly timestamp?: string;
  /** The root of trust as JSON, which the signature is checked with; that of the public instance where absent. */
  readonly trustedRoot?: string;
}

/** How an index is signed. */
export interface SignatureRequest {
  /** Each signs the same: while a signer is changed, the old one and the new one. */
  readonly keys: readonly PrivateKeyText[];
  /** Signs by a short-lived certificate, beside the keys or alone. */
  readonly keyless?: KeylessRequest;
  /** The catalog's name in the signature; absent where the site was signed before. */
  readonly as?: string;
  /** Milliseconds that the signature counts for. */
  readonly lasts: number;
  readonly now: Date;
}

/** What came of making a catalog. */
export interface MadeCatalog {
  /** Where it is now: a folder, or an `oci://` address. */
  readonly location: string;
  readonly apps: number;
  readonly versions: number;
  /** Versions that were not there before. */
  readonly added: readonly NamedVersion[];
  /** What is in it all the same, but not as its author meant it. */
  readonly problems: readonly Problem[];
  /** Absent where nobody signed. */
  readonly signed?: MadeSignature;
}

/** What was signed, and by whom. */
export interface MadeSignature extends SignedIndex {
  /** The further ones, where several signed the same. */
  readonly others?: readonly SignerName[];
}

/** What is pushed, where to, and who pushes. */
interface PushCatalogRequest {
  readonly folder: string;
  /** `oci://host/path`, and how its registry is asked. */
  readonly target: CatalogEntry;
  readonly credential?: GivenCredential;
  /** Signs the index. */
  readonly sign?: SignatureRequest;
}

/** Makes catalogs that others add. */
export interface CatalogMaker {
  /**
   * Makes a site of the apps in a folder. What was published there stays. A site that was signed is never left unsigned.
   *
   * @throws AppstoreError USAGE (the key), SIGNATURE_INVALID, CATALOG_INVALID, VERSION_PUBLISHED, PACKAGE_INVALID, FILE_UNREADABLE, FILE_UNWRITABLE
   */
  build(
    request: { readonly folder: string; readonly out: string; readonly sign?: SignatureRequest },
    signal: AbortSignal,
  ): Promise<MadeCatalog>;
  /**
   * Puts a site, or the apps of a folder, into a registry with an index beside them. What was pushed stays. A catalog that was signed is
   * never left unsigned.
   *
   * @throws AppstoreError as `build` does; CATALOG_FORBIDDEN, CATALOG_UNREACHABLE
   */
  push(request: PushCatalogRequest, signal: AbortSignal): Promise<MadeCatalog>;
}
