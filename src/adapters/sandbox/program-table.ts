/** The programs that make a sandbox. */
export const PROGRAM_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

export type ProgramName = (typeof PROGRAM_NAMES)[number];
