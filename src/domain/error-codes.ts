/**
 * How a failure is answered at the edge. The CLI turns it into an exit code, the REST API into an HTTP status.
 *
 * | category    | exit code |
 * |-------------|-----------|
 * | failed      | 1         |
 * | input       | 2         |
 * | pending     | 3         |
 * | not-found   | 4         |
 * | conflict    | 5         |
 * | unhealthy   | 6         |
 * | forbidden   | 7         |
 * | interrupted | 130       |
 */
export type ErrorCategory =
  | 'failed'
  | 'input'
  | 'pending'
  | 'not-found'
  | 'conflict'
  | 'unhealthy'
  | 'forbidden'
  | 'interrupted';

interface CodeEntry {
  readonly category: ErrorCategory;
  /** What it means, one sentence. */
  readonly meaning: string;
  /** What to do, one or two sentences. */
  readonly fix: string;
}

/** Every error code there is. `docs/errors.md` is generated from this table. Codes are stable: never renamed. */
export const errorCodes = {
  INTERNAL: {
    category: 'failed',
    meaning: 'Something happened that the tool did not foresee.',
    fix: 'Run again with `-v` and report the output.',
  },
  USAGE: {
    category: 'input',
    meaning: 'The command line is not one that the command understands.',
    fix: 'Read `appstore <command> --help`.',
  },
  CONFIRMATION_NEEDED: {
    category: 'input',
    meaning: 'The command destroys something and nobody is there to be asked.',
    fix: 'Look at the plan with `--dry-run`, then repeat the command with `--yes`.',
  },
  DECLINED: {
    category: 'failed',
    meaning: 'The question before the write was answered with no.',
    fix: 'Run the command again when it fits.',
  },
  INTERRUPTED: {
    category: 'interrupted',
    meaning: 'The command was stopped (Ctrl-C or a termination signal) before it was done.',
    fix: 'Run the command that the message names: it goes on where this one stopped.',
  },
  CHANGES_PENDING: {
    category: 'pending',
    meaning: 'There are changes to make, and `--exit-code` asked to say so.',
    fix: 'Run the command without `--dry-run` to make them.',
  },
  KUBECONFIG_MISSING: {
    category: 'input',
    meaning: 'No kubeconfig was found and the program does not run inside a cluster.',
    fix: 'Set KUBECONFIG, pass `--kubeconfig FILE`, or try a throwaway cluster with `appstore sandbox start`.',
  },
  KUBECONFIG_INVALID: {
    category: 'input',
    meaning: 'The kubeconfig cannot be read or does not describe a usable cluster and user.',
    fix: 'Correct the file at the place named; `kubectl config view` shows what it holds.',
  },
  CONTEXT_UNKNOWN: {
    category: 'input',
    meaning: 'The kubeconfig has no context of that name, or no current context is set.',
    fix: 'Choose one of the contexts that the message lists with `--context`.',
  },
  CLUSTER_UNREACHABLE: {
    category: 'failed',
    meaning: 'The Kubernetes API server does not answer.',
    fix: 'Check the address in the message, the network, VPN or proxy, and whether the cluster runs.',
  },
  CLUSTER_TLS: {
    category: 'failed',
    meaning: 'The TLS connection to the API server cannot be trusted or was refused.',
    fix: 'Check `certificate-authority` and the host name in the kubeconfig.',
  },
  UNAUTHENTICATED: {
    category: 'forbidden',
    meaning: 'The API server does not accept the credentials: expired, revoked or missing.',
    fix: 'Log in again with the tool that made the kubeconfig, then repeat the command.',
  },
  CREDENTIAL_PLUGIN_FAILED: {
    category: 'forbidden',
    meaning: 'The credential plugin named by the kubeconfig failed.',
    fix: 'Run the plugin by hand as the message shows it and correct what it complains about.',
  },
  LOGIN_FAILED: {
    category: 'forbidden',
    meaning: 'A login at the identity provider did not come to an end that counts.',
    fix: 'Log in again. Where it fails each time, compare client, secret and redirect address with what the provider has.',
  },
  LOGIN_UNAVAILABLE: {
    category: 'failed',
    meaning: 'The identity provider cannot be asked.',
    fix: 'Try again later. Whoever runs the server looks at `--oidc-issuer` and `--oidc-ca-file`, and whether the provider can be reached.',
  },
  FORBIDDEN: {
    category: 'forbidden',
    meaning: 'The cluster does not allow the user to do this.',
    fix: 'Ask the cluster administrator for the permissions that the message lists.',
  },
  API_CONFLICT: {
    category: 'conflict',
    meaning: 'The object changed between reading and writing.',
    fix: 'Run the command again.',
  },
  API_INVALID: {
    category: 'failed',
    meaning: 'The API server refused an object as invalid.',
    fix: 'Correct the field that the message names, in the values or in the package.',
  },
  WEBHOOK_UNAVAILABLE: {
    category: 'failed',
    meaning: 'An admission webhook of the cluster could not be asked, and nothing may be written without it.',
    fix: 'See that the webhook named answers (its pods, its certificate) and declares `sideEffects: None`, or ask who runs it.',
  },
  API_ERROR: {
    category: 'failed',
    meaning: 'The API server answered with an error that is none of the others.',
    fix: 'Read the message of the server; run again with `-v` for the request.',
  },
  ADMISSION_DENIED: {
    category: 'failed',
    meaning: 'An admission webhook or policy of the cluster refused an object.',
    fix: 'Change the values so that the object satisfies the policy, or ask who runs the policy.',
  },
  QUOTA_EXCEEDED: {
    category: 'failed',
    meaning: 'The namespace has a ResourceQuota that the app does not fit into.',
    fix: 'Lower the requests of the app, free resources in the namespace, or have the quota raised.',
  },
  NAMESPACE_MISSING: {
    category: 'not-found',
    meaning: 'The namespace does not exist.',
    fix: 'Pass `--create-namespace`, or create it first.',
  },
  NAMESPACE_TERMINATING: {
    category: 'conflict',
    meaning: 'The namespace is being deleted: nothing can be created in it.',
    fix: 'Wait until it is gone, or use another namespace.',
  },
  PLAN_INVALID: {
    category: 'input',
    meaning: 'The file is no plan, or it is damaged.',
    fix: 'Make it again with `appstore plan --out FILE`.',
  },
  PLAN_STALE: {
    category: 'conflict',
    meaning: 'Something that the saved plan was made from has moved since.',
    fix: 'Nothing was written. Make the plan again with `appstore plan --out FILE` and look at it.',
  },
  PLAN_SECRETS: {
    category: 'input',
    meaning:
      'A saved plan holds no secrets, and one that it needs was not given or is not the one that it was made with.',
    fix: 'Give it as it was given to the plan, for example with `--set-file path=FILE`.',
  },
  PLAN_NOT_APPROVED: {
    category: 'forbidden',
    meaning: 'The plan has to be approved by somebody whose key is trusted, and is not.',
    fix: 'Let them run `appstore approve FILE --key KEY`, then name their public key with `--approved-by`.',
  },
  PLAN_NOT_FOUND: {
    category: 'not-found',
    meaning: 'No plan of this name waits in the namespace.',
    fix: 'It was carried out or thrown away. Look at the plans that there are: `/api/v1/plans`.',
  },
  PLAN_TOO_LARGE: {
    category: 'input',
    meaning: 'The plan is larger than what a ConfigMap can hold.',
    fix: 'Keep it as a file: `appstore plan --out FILE`.',
  },
  INSTALLATION_UNSETTLED: {
    category: 'conflict',
    meaning:
      'The newest revision of the installation failed or is not finished, so that it cannot be handed over.',
    fix: 'Finish it with `appstore upgrade`, or go back with `appstore upgrade --undo`; then repeat the command.',
  },
  INSTALLATION_LOCKED: {
    category: 'conflict',
    meaning: 'Another operation on the same installation is under way, and its holder renews the lock.',
    fix: 'Run the command again when it has ended, or wait for it with `--wait-for-lock 5m`.',
  },
  LOCK_LOST: {
    category: 'conflict',
    meaning:
      'The lock on the installation could not be kept (a sleeping computer, a lost network) and somebody else may have it.',
    fix: 'Nothing more was written. Run the command again: it goes on from what the record says.',
  },
  NAMESPACE_IN_USE: {
    category: 'conflict',
    meaning: 'The namespace was not made by the install, or other things are in it: it is not deleted.',
    fix: 'Run the command again without `--delete-namespace`.',
  },
  KIND_UNKNOWN: {
    category: 'failed',
    meaning: 'The cluster does not serve a kind that the app needs.',
    fix: 'Install the operator or CRD that brings the kind, or use a cluster version that serves it.',
  },
  REQUIREMENT_UNMET: {
    category: 'failed',
    meaning: 'The cluster lacks something that the package requires.',
    fix: 'Provide what is missing (the message names it), or pick another version of the package.',
  },
  APP_NOT_FOUND: {
    category: 'not-found',
    meaning: 'No catalog has an app of that name.',
    fix: 'Use one of the near matches, or look with `appstore search`.',
  },
  APP_AMBIGUOUS: {
    category: 'input',
    meaning: 'Several catalogs have an app of that name.',
    fix: 'Name the catalog: `catalog/app`.',
  },
  VERSION_NOT_FOUND: {
    category: 'not-found',
    meaning: 'The app has no version that fits the request.',
    fix: 'Choose one of the versions that the message lists.',
  },
  CATALOG_INVALID: {
    category: 'failed',
    meaning: 'The catalog cannot be read.',
    fix: 'Correct the catalog at the place named.',
  },
  CATALOG_NOT_FOUND: {
    category: 'not-found',
    meaning: 'No catalog of that name was added.',
    fix: 'Look with `appstore catalog list`, or add it with `appstore catalog add NAME LOCATION`.',
  },
  CATALOG_EXISTS: {
    category: 'conflict',
    meaning: 'A catalog of that name is there already.',
    fix: 'Choose another name, or remove it first with `appstore catalog remove NAME`.',
  },
  VERSION_PUBLISHED: {
    category: 'conflict',
    meaning: 'A version of an app was published before, with other files. What is out never changes.',
    fix: 'Raise `version` in app.yaml or Chart.yaml. To take a version back, name it under `yanked` in catalog.yaml.',
  },
  CATALOG_UNREACHABLE: {
    category: 'failed',
    meaning: 'The server of a catalog, registry or archive does not answer, or not with what was asked for.',
    fix: 'Check the address in the message, the network and the proxy. What was read before is still there.',
  },
  CATALOG_FORBIDDEN: {
    category: 'forbidden',
    meaning: 'The server of a catalog, registry or archive does not accept the credentials, or wants some.',
    fix: 'Give them with `appstore catalog add --username NAME --password-stdin`, in `~/.netrc`, or for a registry with `docker login`.',
  },
  DIGEST_MISMATCH: {
    category: 'failed',
    meaning: 'What was downloaded is not what the index or registry says it is.',
    fix: 'Do not use it. Run `appstore catalog update`; if it stays so, ask who runs the catalog.',
  },
  CATALOG_UNSIGNED: {
    category: 'failed',
    meaning: 'The catalog is pinned to a signer, and there is no signature over its index.',
    fix: 'Do not use it. Ask who runs the catalog for a signed index (`appstore catalog build --sign-key`).',
  },
  SIGNATURE_INVALID: {
    category: 'failed',
    meaning:
      'The signature over an index does not count: by another key, over another index or catalog, or damaged.',
    fix: 'Do not use it. Run `appstore catalog update` again; if it stays so, ask who runs the catalog, by another way than the catalog.',
  },
  SIGNATURE_EXPIRED: {
    category: 'failed',
    meaning: 'The time of the signature over the index is up: nobody can tell that there is no newer one.',
    fix: 'Run `appstore catalog update`. If it stays so, ask who runs the catalog to sign it again; check the clock of this machine.',
  },
  SIGNATURE_OLDER: {
    category: 'failed',
    meaning: 'The server gives an older index than one that was seen before.',
    fix: 'Do not use it. What was read before is still there. Ask who runs the catalog why it went back.',
  },
  SIGNING_FAILED: {
    category: 'failed',
    meaning:
      'Nothing was signed: a service of Sigstore refused, could not be reached, or answered what does not hold.',
    fix: 'See the message. Check the token, the addresses (--fulcio-url, --rekor-url, --timestamp-url) and the root of trust, and try again; nothing was changed.',
  },
  TRUST_ROOT_UNREACHABLE: {
    category: 'failed',
    meaning: "Sigstore's public root of trust, which keyless signatures are checked with, cannot be had.",
    fix: 'Check the network, or name a root that you have with `--trusted-root FILE`: it is then used without a network.',
  },
  SIGNATURE_REQUIRED: {
    category: 'failed',
    meaning: 'Only apps of signed catalogs may be installed here, and this one is of none.',
    fix: 'Take it from a catalog that was added with `--signed-by`, or ask who set `requireSigned`.',
  },
  PACKAGE_INVALID: {
    category: 'input',
    meaning: 'The package is not a valid app: app.yaml or one of its files is wrong.',
    fix: 'Correct the file at the place named. docs/packages.md describes the format.',
  },
  EXPRESSION_FAILED: {
    category: 'input',
    meaning: 'An expression of the package cannot be parsed or evaluated with these values.',
    fix: 'Correct the expression at the place named, or the value that it works on.',
  },
  TEMPLATE_FAILED: {
    category: 'input',
    meaning:
      'A template of the chart cannot be rendered with these values, or says so itself (`fail`, `required`).',
    fix: 'Set the value that the message names, or correct the template at the place named.',
  },
  DEPENDENCY_MISSING: {
    category: 'input',
    meaning: 'A chart names other charts as its dependencies that are not there.',
    fix: 'Fetch them with `--dependency-update` (for a chart in a folder), or put them into charts/ with `helm dependency build`.',
  },
  HELM_ENGINE_MISSING: {
    category: 'failed',
    meaning:
      'The engine that renders Helm charts is not there: neither for this platform nor as WebAssembly.',
    fix: 'Install the published package, which has it, or build it: install Go 1.26, then `npm run build`.',
  },
  RENDER_LIMIT: {
    category: 'input',
    meaning: 'Rendering the package needs more time, depth, memory or output than is allowed.',
    fix: 'Make the expression, the template or the list smaller.',
  },
  OBJECT_INVALID: {
    category: 'input',
    meaning: 'The package renders to an object that is not a valid Kubernetes object, or twice to the same.',
    fix: 'Correct the resource at the place named.',
  },
  NAME_INVALID: {
    category: 'input',
    meaning: 'A name is not one that Kubernetes accepts, or too long.',
    fix: 'Use lower-case letters, digits and hyphens, within the length that the message gives.',
  },
  VALUES_INVALID: {
    category: 'input',
    meaning: 'The values do not fit the schema of the app. Every problem is listed.',
    fix: 'Correct the values; `appstore values <app>` shows what there is.',
  },
  VALUES_MISSING: {
    category: 'input',
    meaning: 'Values that the app requires were not given. All are listed.',
    fix: 'Pass them with `--set`, `--set-secret` or `--values FILE`, or run in a terminal to be asked.',
  },
  FILE_UNREADABLE: {
    category: 'input',
    meaning: 'A file given on the command line cannot be read.',
    fix: 'Check the path and its permissions.',
  },
  FILE_UNWRITABLE: {
    category: 'failed',
    meaning: 'A file or folder cannot be written.',
    fix: 'Check the path, its permissions and the room on the disk.',
  },
  YAML_INVALID: {
    category: 'input',
    meaning: 'A file is not valid YAML or JSON.',
    fix: 'Correct the file at the line and column named.',
  },
  PATCH_INVALID: {
    category: 'input',
    meaning: 'A patch does not apply: its target is missing or the operation does not fit.',
    fix: 'Compare the patch with `appstore template`.',
  },
  SECRET_REFERENCE_INVALID: {
    category: 'input',
    meaning: 'The Secret or key that a value refers to does not exist.',
    fix: 'Create it, or correct `--set-secret KEY=secret/NAME:KEY`.',
  },
  INSTALLATION_NOT_FOUND: {
    category: 'not-found',
    meaning: 'No app is installed under that name in the namespace.',
    fix: 'Look with `appstore list -A`.',
  },
  ALREADY_INSTALLED: {
    category: 'conflict',
    meaning: 'An app is already installed, and complete, under that name.',
    fix: 'Change it with `appstore upgrade`, or choose another name.',
  },
  REVISION_NOT_FOUND: {
    category: 'not-found',
    meaning: 'The installation has no such revision.',
    fix: 'Look with `appstore history`.',
  },
  NOTHING_TO_UNDO: {
    category: 'not-found',
    meaning: 'No change failed or was cut, or no revision was ever deployed that could be gone back to.',
    fix: 'Look with `appstore history`; `appstore rollback` goes back from a revision that is deployed.',
  },
  TESTS_MISSING: {
    category: 'not-found',
    meaning: 'The installed version of the app brings no test hooks.',
    fix: '`appstore status` says how the installation is.',
  },
  API_VERSION_GONE: {
    category: 'failed',
    meaning:
      'The cluster no longer serves the API version of a stored object, and the stored package renders to no other.',
    fix: 'Upgrade to a version of the app that uses an API version that is served.',
  },
  CLUSTER_SCOPE_UNCONFIRMED: {
    category: 'input',
    meaning:
      'The record would have objects written outside the namespace, or RBAC, and nobody is there to be asked. Whoever may edit the namespace may have put them there.',
    fix: 'Look at them with `--dry-run`, then repeat the command with `--allow-cluster-scope`.',
  },
  OPERATION_RUNNING: {
    category: 'conflict',
    meaning: 'Another operation on the installation took over or is under way.',
    fix: 'Wait for it, then run the command again.',
  },
  OBJECT_FOREIGN: {
    category: 'conflict',
    meaning: 'An object that the app needs exists already and belongs to something else.',
    fix: 'Choose another name or namespace, or remove the object named if it is not needed.',
  },
  OBJECT_ADOPTABLE: {
    category: 'conflict',
    meaning: 'An object that the app needs exists already and has no owner.',
    fix: 'Make it part of the app with `--adopt Kind/name` (`--adopt` for all), or choose another name or namespace.',
  },
  FIELD_CONFLICT: {
    category: 'conflict',
    meaning: 'Another field manager holds a field that the app sets to another value.',
    fix: 'Choose for each field: `--take Kind/name:.field` sets the value of the app, `--yield Kind/name:.field` leaves it to the other manager for good.',
  },
  FIELD_IMMUTABLE: {
    category: 'conflict',
    meaning: 'A field changed that Kubernetes does not allow to change.',
    fix: 'Keep the old value, or delete the object and make it anew with `--replace Kind/name`.',
  },
  CRD_INCOMPATIBLE: {
    category: 'conflict',
    meaning:
      'A CustomResourceDefinition would change so that live objects could not be read or written any more: a stored version is dropped, the kind or scope changes, or a field gets another type.',
    fix: 'Migrate the objects first (the message says which version or field), then take a dropped version from `status.storedVersions`.',
  },
  WAIT_TIMEOUT: {
    category: 'unhealthy',
    meaning: 'Not every object became ready within `--timeout`.',
    fix: 'Read the reasons in the message; `appstore why NAME` shows evidence and what to try, `appstore status` how it goes on.',
  },
  UNHEALTHY: {
    category: 'unhealthy',
    meaning: 'An object failed in a way that waiting does not mend.',
    fix: '`appstore why NAME` shows the evidence and what to try. Correct the cause and run the command again.',
  },
  RECORD_INVALID: {
    category: 'failed',
    meaning: 'The record of the installation is damaged or was edited by hand.',
    fix: 'Nothing was written. The message names the object and what is wrong with it.',
  },
  HELM_RELEASE_NOT_FOUND: {
    category: 'not-found',
    meaning: 'Helm has no release of that name in the namespace.',
    fix: 'Look with `appstore list --helm -A`.',
  },
  HELM_RELEASE_INVALID: {
    category: 'failed',
    meaning: 'What Helm stored of a release is damaged, or of a format that this version does not know.',
    fix: 'Nothing was written. See whether `helm get all` can still read it.',
  },
  HELM_RELEASE_UNSETTLED: {
    category: 'conflict',
    meaning:
      'The newest revision of a Helm release is not deployed: an operation of Helm runs, was cut, or failed.',
    fix: 'Let Helm finish it (`helm upgrade` or `helm rollback`), then repeat the command.',
  },
  RECORD_NEWER: {
    category: 'conflict',
    meaning: 'The record was written by a newer version of appstore: it can be read, not changed.',
    fix: 'Use that version or a newer one.',
  },
  OBJECT_NOT_FOUND: {
    category: 'not-found',
    meaning: 'The installation has no such object, and runs no such pod or container.',
    fix: 'Choose one of those that the message names, or look with `appstore status NAME`.',
  },
  CREDENTIAL_NOT_FOUND: {
    category: 'not-found',
    meaning: 'The installation has no credential of that name.',
    fix: 'List them with `appstore credentials NAME`.',
  },
  NOTHING_TO_OPEN: {
    category: 'not-found',
    meaning: 'The app offers no address to open, or its pod is not there.',
    fix: 'Look at `appstore status` and `appstore get NAME notes`.',
  },
  SANDBOX_UNAVAILABLE: {
    category: 'failed',
    meaning: 'The sandbox cannot be made on this machine: its programs are not there and cannot be had.',
    fix: 'Choose one of the ways that the message names.',
  },
  SANDBOX_FAILED: {
    category: 'failed',
    meaning: 'A program of the sandbox ended or did not become ready.',
    fix: 'Read the log that the message names.',
  },
  REQUEST_INVALID: {
    category: 'input',
    meaning: 'A request to the server is not one that its description (`/api/v1/openapi.json`) allows.',
    fix: 'Correct the fields that are named.',
  },
  REQUEST_REFUSED: {
    category: 'forbidden',
    meaning: 'A request came from a page or under a name that the server does not answer to.',
    fix: 'Open the address that `appstore serve` printed, or the one that its operator set with `--public-url`.',
  },
  RATE_LIMITED: {
    category: 'failed',
    meaning: 'One caller asks for more than the server gives to one.',
    fix: 'Wait for as long as `Retry-After` says.',
  },
  SERVER_STOPPING: {
    category: 'failed',
    meaning: 'The server is about to end and begins nothing new.',
    fix: 'Send the request again: another replica answers it, or the same one after its start.',
  },
  ROUTE_NOT_FOUND: {
    category: 'not-found',
    meaning: 'The server has nothing at this address.',
    fix: 'Look at `/api/v1/openapi.json`.',
  },
  OPERATION_NOT_FOUND: {
    category: 'not-found',
    meaning: 'Nothing is known of the operation: neither this server nor the record in the cluster has it.',
    fix: 'Look at the deployment itself: `/api/v1/deployments/{namespace}/{name}`.',
  },
  KEY_REUSED: {
    category: 'input',
    meaning: 'An idempotency key was sent before with another request.',
    fix: 'Make a new key for each thing that is asked for.',
  },
  PLAN_MOVED: {
    category: 'conflict',
    meaning:
      'What would be done is not what was shown: the cluster, the app or the record changed meanwhile.',
    fix: 'Plan again (`dryRun`) and look at what is new. Nothing was written.',
  },
  PORT_TAKEN: {
    category: 'failed',
    meaning: 'Another program listens on the port already.',
    fix: 'Choose another one with `--port`.',
  },
  CLUSTER_UNKNOWN: {
    category: 'not-found',
    meaning: 'The server has no cluster of that name.',
    fix: 'Name one of `/api/v1/clusters`.',
  },
  SANDBOX_NOT_RUNNING: {
    category: 'not-found',
    meaning: 'No sandbox of that name is running.',
    fix: 'Start one with `appstore sandbox start`.',
  },
} as const satisfies Record<string, CodeEntry>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
