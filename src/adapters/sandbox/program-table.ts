/** The programs that make a sandbox. */
export const PROGRAM_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Versions that are downloaded and built; those of programs/go.mod (a test compares). */
export const VERSIONS = { kubernetes: '1.36.3', etcd: '3.6.8', kwok: '0.8.0' } as const;

export interface ProgramEntry {
  readonly name: ProgramName;
  readonly version: string;
  /** Finds the version in what `--version` prints. */
  readonly pattern: RegExp;
  /** Go package of the program, and what `go build` calls the result. */
  readonly goPackage: string;
  readonly goBinary: string;
  readonly site: keyof typeof VERSIONS;
}

const kubernetes = (name: ProgramName): ProgramEntry => ({
  name,
  version: VERSIONS.kubernetes,
  pattern: /^Kubernetes v(\d+\.\d+\.\d+)/m,
  goPackage: `k8s.io/kubernetes/cmd/${name}`,
  goBinary: name,
  site: 'kubernetes',
});

export const PROGRAMS: Readonly<Record<ProgramName, ProgramEntry>> = {
  etcd: {
    name: 'etcd',
    version: VERSIONS.etcd,
    pattern: /^etcd Version: (\d+\.\d+\.\d+)/m,
    goPackage: 'go.etcd.io/etcd/server/v3',
    goBinary: 'server', // go names a binary for the last part of the path that is not a version
    site: 'etcd',
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kwok: {
    name: 'kwok',
    version: VERSIONS.kwok,
    pattern: /^kwok version v(\d+\.\d+\.\d+)/m,
    goPackage: 'sigs.k8s.io/kwok/cmd/kwok',
    goBinary: 'kwok',
    site: 'kwok',
  },
};

/**
 * Whether a program found on the machine will do: the same minor version. Flags and files differ between minors, and the
 * controller manager and scheduler must not be newer than the API server (https://kubernetes.io/releases/version-skew-policy/).
 */
export function versionFits(entry: ProgramEntry, found: string): boolean {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.');
  return minor(found) === minor(entry.version);
}
