import type { AppReference, SecretReference } from '../domain/app.ts';
import { parseFieldChoice } from '../domain/conflict-choices.ts';
import { parsePatches } from '../domain/given.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { parseObjectPattern } from '../domain/object-pattern.ts';
import { parseReference } from '../domain/reference.ts';
import { defaultRevisionsKept } from '../domain/release.ts';
import {
  type ChangeRequest,
  defaultTimeout,
  type GivenOptions,
  type InstallationName,
  type RemoveRequest,
  type RepairRequest,
} from '../services/requests.ts';

/** What everything that works on a deployment may say (schemas.ts). */
export interface DoingBody {
  readonly dryRun?: boolean;
  readonly planDigest?: string;
  readonly wait?: boolean;
  readonly timeoutSeconds?: number;
  readonly waitForLockSeconds?: number;
  readonly allowClusterScope?: boolean;
}

interface ChangingBody extends DoingBody {
  readonly confirm?: boolean;
  readonly hooks?: boolean;
  readonly failAfterSeconds?: number;
  readonly keep?: number;
  readonly undoOnFailure?: boolean;
  readonly take?: readonly string[];
  readonly yield?: readonly string[];
  readonly adopt?: readonly string[];
  readonly replace?: readonly string[];
  readonly replaceData?: boolean;
}

interface GivenBody {
  readonly values?: JsonObject;
  readonly secretRefs?: readonly SecretReference[];
  readonly patches?: readonly JsonObject[];
  readonly imageRegistry?: string;
  readonly imagePullSecrets?: readonly string[];
}

export interface UpgradeBody extends GivenBody, ChangingBody {
  readonly app?: string;
  readonly version?: string;
  readonly resetValues?: boolean;
}

export interface DeployBody extends GivenBody, ChangingBody {
  readonly app: string;
  readonly version?: string;
  readonly name?: string;
  readonly namespace: string;
  readonly cluster?: string;
  readonly createNamespace?: boolean;
}

export interface RollbackBody extends ChangingBody {
  readonly revision?: number;
  readonly undo?: boolean;
}

export interface RemoveBody extends DoingBody {
  readonly confirm?: boolean;
  readonly hooks?: boolean;
  readonly purgeData?: boolean;
  readonly purgeCrds?: boolean;
  readonly deleteNamespace?: boolean;
}

export interface RepairBody extends DoingBody {
  readonly only?: readonly string[];
}

/**
 * An app of a catalog of this server, and nothing else: what looks like an address or a path was refused by the schema, and is no reference
 * to a catalog here either.
 */
export function referenceOf(app: string, version: string | undefined): AppReference {
  const reference = parseReference(version === undefined ? app : `${app}@${version}`);
  if (reference.location === undefined && reference.catalog !== undefined) return reference;
  return parseReference(`/${app}`.replace(/^\/+/, ''));
}

/** How long an operation may take, milliseconds. */
export function timeoutOf({ timeoutSeconds }: DoingBody): number {
  return timeoutSeconds === undefined ? defaultTimeout : timeoutSeconds * 1000;
}

/** What all requests of operations have in common. */
function commonOf(body: DoingBody, name: InstallationName, holder: string) {
  return {
    namespace: name.namespace,
    name: name.name,
    wait: body.wait !== false,
    timeout: timeoutOf(body),
    ...(body.waitForLockSeconds === undefined ? {} : { waitForLock: body.waitForLockSeconds * 1000 }),
    allowClusterScope: body.allowClusterScope === true,
    dryRun: body.dryRun === true,
    holder,
  };
}

/** A change as the services take it. Throws USAGE, PATCH_INVALID. */
export function changeOf(
  operation: ChangeRequest['operation'],
  body: ChangingBody & GivenBody & Pick<UpgradeBody, 'resetValues'> & Pick<DeployBody, 'createNamespace'>,
  name: InstallationName,
  holder: string,
): ChangeRequest {
  return {
    ...commonOf(body, name, holder),
    operation,
    given: givenOf(body),
    conflicts: {
      take: (body.take ?? []).map((text) => parseFieldChoice(text, 'take')),
      yield: (body.yield ?? []).map((text) => parseFieldChoice(text, 'yield')),
    },
    adopt: (body.adopt ?? []).includes('*')
      ? 'all'
      : (body.adopt ?? []).map((text) => parseObjectPattern(text, 'adopt')),
    replace: {
      objects: (body.replace ?? []).map((text) => parseObjectPattern(text, 'replace')),
      data: body.replaceData === true,
    },
    confirmed: body.confirm === true,
    resetValues: body.resetValues === true,
    createNamespace: body.createNamespace === true,
    ...(body.failAfterSeconds === undefined ? {} : { failAfter: body.failAfterSeconds * 1000 }),
    keep: body.keep ?? defaultRevisionsKept,
    undoOnFailure: body.undoOnFailure === true,
    ...(body.hooks === false ? { hooks: false } : {}),
  };
}

function givenOf({ values, secretRefs, patches, imageRegistry, imagePullSecrets }: GivenBody): GivenOptions {
  return {
    values: values ?? {},
    secretRefs: secretRefs ?? [],
    ...(patches === undefined ? {} : { patches: parsePatches(patches as readonly Json[], 'patches') }),
    ...(imageRegistry === undefined ? {} : { imageRegistry }),
    ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
  };
}

/** A removal as the services take it. */
export function removalOf(body: RemoveBody, name: InstallationName, holder: string): RemoveRequest {
  return {
    ...commonOf(body, name, holder),
    confirmed: body.confirm === true,
    purgeData: body.purgeData === true,
    purgeCrds: body.purgeCrds === true,
    deleteNamespace: body.deleteNamespace === true,
    ...(body.hooks === false ? { hooks: false } : {}),
  };
}

/** A repair as the services take it. */
export function repairOf(body: RepairBody, name: InstallationName, holder: string): RepairRequest {
  return { ...commonOf(body, name, holder), only: body.only ?? [] };
}
