import type { ProgramEntry } from './program-table.ts';

/** Where releases lie. Tests put a server of their own here. */
export interface DownloadSites {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly kwok: string;
  /** Description of kwok's releases: they have no file of checksums, GitHub itself keeps one of each file. */
  readonly kwokReleases: string;
}

export const OFFICIAL_SITES: DownloadSites = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
  kwok: 'https://github.com/kubernetes-sigs/kwok/releases/download',
  kwokReleases: 'https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags',
};

export interface Download {
  readonly url: string;
  readonly checksumUrl: string;
  /** Finds the sha256, in hex, in what `checksumUrl` answers. */
  checksum(text: string): string | undefined;
  /** Name of the program inside a .tar.gz; absent where the file is the program. */
  readonly member?: string;
}

const HEX = /^[0-9a-f]{64}$/;

/** What to download for a program on Linux. */
export function downloadOf(entry: ProgramEntry, sites: DownloadSites, architecture: string): Download {
  const { name, version } = entry;
  if (entry.site === 'kubernetes') {
    const url = `${sites.kubernetes}/v${version}/bin/linux/${architecture}/${name}`;
    return { url, checksumUrl: `${url}.sha256`, checksum: (text) => hex(text.trim()) };
  }
  if (entry.site === 'etcd') {
    const folder = `etcd-v${version}-linux-${architecture}`;
    const site = `${sites.etcd}/v${version}`;
    return {
      url: `${site}/${folder}.tar.gz`,
      checksumUrl: `${site}/SHA256SUMS`,
      checksum: (text) => sumOf(text, `${folder}.tar.gz`),
      member: `${folder}/etcd`,
    };
  }
  const file = `kwok-linux-${architecture}`;
  return {
    url: `${sites.kwok}/v${version}/${file}`,
    checksumUrl: `${sites.kwokReleases}/v${version}`,
    checksum: (text) => digestOf(text, file),
  };
}

const hex = (text: string): string | undefined => (HEX.test(text) ? text : undefined);

/** A line of sha256sum(1): checksum, blanks, name. */
function sumOf(text: string, file: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+\*?/));
  return hex(lines.find(([, name]) => name === file)?.[0] ?? '');
}

/** The field `digest` of a file of a release, https://docs.github.com/rest/releases/releases. */
function digestOf(text: string, file: string): string | undefined {
  const release = JSON.parse(text) as { assets?: readonly { name?: string; digest?: string }[] };
  const digest = release.assets?.find(({ name }) => name === file)?.digest ?? '';
  return hex(digest.replace(/^sha256:/, ''));
}
