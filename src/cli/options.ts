/** How a result is written to stdout. */
export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'sarif';

/** One `--set...` flag as it was given; their order counts. */
export interface AssignmentText {
  readonly flag: 'set' | 'set-string' | 'set-json' | 'set-literal' | 'set-file' | 'set-secret';
  readonly text: string;
}

/** Every flag of every command, parsed. What a command does not take is absent. */
export interface Options {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly helm?: boolean;
  readonly back?: boolean;
  readonly catalog?: readonly string[];
  readonly dependencyUpdate?: boolean;
  readonly output?: Format;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: 'auto' | 'always' | 'never' | false;
  readonly input?: boolean;
  readonly yes?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds; infinite: never. */
  readonly failAfter?: number;
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly waitForLock?: number;
  readonly dryRun?: boolean;
  readonly exitCode?: boolean;
  readonly values?: readonly string[];
  readonly assignments?: readonly AssignmentText[];
  readonly patch?: readonly string[];
  readonly imageRegistry?: string;
  readonly imagePullSecret?: readonly string[];
  readonly take?: readonly string[];
  readonly yield?: readonly string[];
  readonly adopt?: readonly string[];
  readonly replace?: readonly string[];
  readonly replaceData?: boolean;
  readonly createNamespace?: boolean;
  readonly resetValues?: boolean;
  readonly resetPatches?: boolean;
  readonly purgeData?: boolean;
  readonly purgeCrds?: boolean;
  readonly deleteNamespace?: boolean;
  readonly undo?: boolean;
  readonly undoOnFailure?: boolean;
  readonly allowClusterScope?: boolean;
  readonly hooks?: boolean;
  readonly logs?: boolean;
  readonly repair?: boolean;
  readonly plan?: string;
  readonly out?: string;
  readonly show?: string;
  readonly requireApproval?: boolean;
  readonly approvedBy?: readonly string[];
  readonly key?: string;
  readonly newKey?: string;
  readonly as?: string;
  readonly only?: readonly string[];
  readonly image?: string;
  readonly failOn?: 'error' | 'warning' | 'never';
  readonly version?: string;
  readonly category?: string;
  readonly schema?: boolean;
  readonly readme?: boolean;
  readonly kubeVersion?: string;
  readonly revision?: number;
  readonly all?: boolean;
  readonly container?: string;
  readonly previous?: boolean;
  readonly follow?: boolean;
  /** Lines. */
  readonly tail?: number;
  /** Milliseconds. */
  readonly since?: number;
  readonly browser?: boolean;
  readonly port?: number;
  readonly auth?: 'kubeconfig' | 'token' | 'oidc';
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcClientSecretFile?: string;
  readonly oidcScopes?: string;
  readonly oidcCaFile?: string;
  readonly sessionKeyFile?: readonly string[];
  /** Milliseconds. */
  readonly sessionTime?: number;
  readonly impersonate?: boolean;
  readonly impersonateAllow?: string;
  readonly oidcUsernameClaim?: string;
  readonly oidcUsernamePrefix?: string;
  readonly oidcGroupsClaim?: string;
  readonly oidcGroupsPrefix?: string;
  readonly listen?: string;
  readonly cluster?: readonly string[];
  readonly clusterFile?: string;
  readonly approvalKey?: string;
  readonly publicUrl?: string;
  /** Requests a minute of one caller. */
  readonly rateLimit?: number;
  /** Milliseconds. */
  readonly grace?: number;
  readonly logLevel?: 'debug' | 'info' | 'warn';
  /** Where the server answers `/metrics` instead. */
  readonly metricsPort?: number;
  /** Milliseconds between two readings of the catalogs; 0: never. */
  readonly catalogRefresh?: number;
  readonly asChart?: boolean;
  readonly keep?: number;
  readonly sandboxName?: string;
  readonly serviceAccount?: string;
  readonly user?: string;
  readonly group?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly tokenStdin?: boolean;
  readonly plainHttp?: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly signKey?: readonly string[];
  readonly passphraseFile?: string;
  readonly keyless?: boolean;
  readonly identityToken?: string;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly timestampUrl?: string;
  readonly trustedRoot?: string;
  readonly signedAs?: string;
  readonly signedBy?: readonly string[];
  readonly signer?: string;
  readonly issuer?: string;
  readonly addKey?: readonly string[];
  readonly removeKey?: readonly string[];
  readonly addSigner?: string;
  readonly removeSigner?: string;
  readonly requireSigned?: boolean;
  /** Milliseconds. */
  readonly expires?: number;
  /** Rows of a list; 0: all. */
  readonly limit?: number;
}

export { defaultTimeout } from '../services/requests.ts';
