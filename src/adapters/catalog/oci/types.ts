/** How a registry holds packages: type of the configuration, and of the layer with the archive. */
export const packageTypes = {
  /** https://helm.sh/docs/topics/registries/#oci-feature-specification; the second content is what Helm before 3.7 wrote. */
  chart: {
    config: 'application/vnd.cncf.helm.config.v1+json',
    content: ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'application/tar+gzip'],
  },
  app: {
    config: 'application/vnd.appstore.app.config.v1+json',
    content: ['application/vnd.appstore.app.content.v1.tar+gzip'],
  },
} as const satisfies Record<
  string,
  { readonly config: string; readonly content: readonly [string, ...string[]] }
>;

/** The index of a catalog, in a repository beside those of its apps (docs/catalogs.md). */
export const indexArtifact = {
  repository: 'appstore-index',
  /** Of the format: a later one can stand beside it. */
  tag: 'v1',
  artifactType: 'application/vnd.appstore.catalog.index.v1+json',
  content: 'application/vnd.appstore.catalog.index.v1.json+gzip',
  /** Annotation: tags of the pushes of the last day that are in it, with a space between. */
  pushes: 'dev.appstore.catalog.pushes',
  /** Annotation: what whoever takes turns to sign says (turns.ts). */
  turn: 'dev.appstore.catalog.turn',
} as const;

/** OCI image spec 1.1, "Guidance for an Empty Descriptor". */
export const emptyConfig = 'application/vnd.oci.empty.v1+json';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** A list of manifests (OCI image spec 1.1, "image index"). */
export const listType = 'application/vnd.oci.image.index.v1+json';
