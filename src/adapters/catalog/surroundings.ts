/** What catalogs may know of the machine and of who runs the program. */
export interface CatalogSurroundings {
  /** What relative paths start from. */
  readonly cwd: string;
  readonly home: string;
  /** NETRC, DOCKER_CONFIG and the proxies are read from it; programs that tell credentials run with it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** What signatures are judged by; the clock of the machine unless given. */
  readonly now?: () => Date;
}
