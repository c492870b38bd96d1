/** A repository of a registry, and which of its versions. */
export interface OciReference {
  /** Host name, with a port where one is named. */
  readonly host: string;
  /** Path of the repository. */
  readonly repository: string;
  /** `sha256:<hex>` */
  readonly digest?: string;
  /** A tag, version or range; absent for the newest. */
  readonly version?: string;
}

/** OCI distribution spec 1.1, "Pulling manifests": names and tags. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:(?!.*\.\.)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Helm writes the `+` of a version as `_` in a tag: a `+` is allowed here. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/;

/** Characters: the spec ends a name together with its host at 255. */
const LONGEST = 255;

/**
 * Reads `oci://host/path`, with `:tag`, `@range` or `@sha256:...` behind it.
 *
 * @returns what is wrong, where it is none
 */
export function parseOciReference(text: string): OciReference | string {
  const [, host = '', rest = ''] = /^oci:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (host.includes('@')) return 'a user is written in it';
  if (!HOST.test(host)) return `\`${host}\` is no host`;
  const at = rest.indexOf('@');
  const tagged = at < 0 ? rest : rest.slice(0, at);
  const behind = at < 0 ? undefined : rest.slice(at + 1);
  const colon = tagged.indexOf(':');
  const repository = colon < 0 ? tagged : tagged.slice(0, colon);
  const tag = colon < 0 ? undefined : tagged.slice(colon + 1);
  if (repository === '') return 'it names no repository';
  if (!REPOSITORY.test(repository) || host.length + repository.length > LONGEST)
    return `\`${repository}\` is no repository (lower-case letters, digits, and . _ - / between them)`;
  if (tag !== undefined && !TAG.test(tag)) return `\`${tag}\` is no tag`;
  if (behind?.startsWith('sha256:') === true) {
    // A tag beside a digest says nothing more.
    return DIGEST.test(behind) ? { host, repository, digest: behind } : `\`${behind}\` is no digest`;
  }
  if (tag !== undefined && behind !== undefined) return 'it names two versions';
  const version = tag ?? behind;
  if (version === '') return 'no version follows';
  return { host, repository, ...(version === undefined ? {} : { version }) };
}
