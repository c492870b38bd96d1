import { pause } from '../../kubernetes/deadline.ts';
import { isLoopback } from '../../kubernetes/proxy.ts';
import type { HttpAnswer, HttpQuestion } from '../http/client.ts';
import { readHttp } from '../http/client.ts';
import { addressOf, failure, speaksNoTls, statusError } from '../http/errors.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import { authorize } from './authorize.ts';
import { parseChallenge } from './challenge.ts';
import type { RegistryLogin } from './docker-config.ts';
import { missesBlob, reasonIn } from './refusals.ts';

export interface RegistrySettings {
  /** Its own credentials are not used: a registry says itself what it wants. */
  readonly http: HttpSettings;
  /** Asked when a registry wants to know who asks. */
  readonly login: (host: string) => Promise<RegistryLogin | undefined>;
  /** True where the registry is asked over plain HTTP; on this machine that is tried by itself. */
  readonly plainHttp?: boolean;
  /** Where the reference came from; absent where a person wrote it. */
  readonly from?: Reach;
}

export type Answer = HttpAnswer & { readonly bytes: Buffer };

/** Bytes of a manifest: registries end at 4 MiB. A page of a thousand tags has a tenth of it. */
export const longestDocument = 4 * 1024 * 1024;

export interface SessionTarget {
  readonly host: string;
  readonly repository: string;
  /** What the token is for. */
  readonly actions: 'pull' | 'pull,push';
}

/** Questions to a registry about one repository, with whatever it wants to know of who asks. */
export interface Session {
  /**
   * Asks by path, or by an address that the registry gave, which may lie elsewhere: then without credentials, and not further inside.
   * 401 and 404 are answers. Throws as `readHttp` does, and CATALOG_FORBIDDEN.
   */
  ask(
    path: string | URL,
    question: Pick<HttpQuestion, 'limit' | 'headers' | 'write' | 'also'>,
    signal?: AbortSignal,
  ): Promise<Answer>;
}

/** What a registry answers that is busy or being restarted. */
export const busy: readonly number[] = [500, 502, 503, 504];
/** Milliseconds before each further try. */
const pauses: readonly number[] = [100, 200, 400, 800];

/** What a registry answers that refuses (OCI distribution spec 1.1, "Error Codes"), and that may say why. */
const refusals: readonly number[] = [400, 403, 405, 409, 412, 413, 415, 416, 422, 429, ...busy];

/** Asks again, after pauses, while what is answered passes. */
export async function untilPassed(
  ask: () => Promise<Answer>,
  passes: (answer: Answer) => boolean,
  signal?: AbortSignal,
): Promise<Answer> {
  let answer = await ask();
  for (const milliseconds of pauses) {
    if (!passes(answer)) break;
    await pause(milliseconds, signal);
    answer = await ask();
  }
  return answer;
}

/**
 * True where the same may be asked once more: reading, and putting what has its name already. The address that a registry gave for an
 * upload is used up by the first try.
 *
 * Debian's docker-registry (CNCF Distribution 2.8) empties the file of a tag before it writes it anew, and the one that says that a
 * repository has a blob, too, which it writes again whenever the same is uploaded. About what somebody else pushes at this moment it so
 * answers 400: the digest of the tag is empty, or a manifest names a blob that is unknown.
 */
function isPassing(path: string | URL, { write }: Pick<HttpQuestion, 'write'>, answer: Answer): boolean {
  const { status, bytes } = answer;
  const isNamed = typeof path === 'string';
  if (write === undefined || write.method === 'HEAD')
    return busy.includes(status) || (status === 400 && isNamed && byTag.test(path));
  if (write.method !== 'PUT' || !isNamed) return false;
  return busy.includes(status) || ([400, 404].includes(status) && missesBlob(bytes));
}

const byTag = /\/manifests\/(?!sha256:)[^/]+$/;

/** Opens a session. Nothing is asked before its method is called. */
export function openSession(settings: RegistrySettings, target: SessionTarget): Session {
  const { host, repository } = target;
  const what = `oci://${host}/${repository}`;
  let authorization: string | undefined;
  let base: Promise<URL> | undefined;
  let reach: Reach | undefined = settings.from;
  const ask: Session['ask'] = async (path, question, signal) => {
    base ??= baseOf(settings, host, what, signal);
    const own = await base;
    const url = new URL(path, own);
    const foreign = url.origin !== own.origin;
    const from = foreign ? reach : settings.from;
    const sendOnce = () =>
      readHttp(
        { ...settings.http, credentials: async () => undefined },
        {
          ...question,
          what,
          url,
          also: [401, 404, ...refusals, ...(question.also ?? [])],
          ...(authorization === undefined || foreign ? {} : { authorization }),
          ...(from === undefined ? {} : { from }),
          ...(signal === undefined ? {} : { signal }),
        },
      );
    const send = async () => {
      const answer = await untilPassed(sendOnce, (one) => isPassing(path, question, one), signal);
      const { status, bytes } = answer;
      if (refusals.includes(status) && question.also?.includes(status) !== true)
        throw statusError(what, answer.url, status, reasonIn(bytes));
      return answer;
    };
    const first = await send();
    if (!foreign) reach = first.reach;
    if (first.status !== 401 || foreign) return first;
    const { header, withheldFrom } = await answerTo(settings, { ...target, what, url }, first, signal);
    authorization = header;
    const second = await send();
    if (second.status !== 401) return second;
    if (withheldFrom !== undefined)
      throw failure('CATALOG_FORBIDDEN', what, url, `its tokens come from ${addressOf(withheldFrom)}`, {
        hint: 'That is another server, or one without TLS: your login was not sent there. Ask who runs the registry to give tokens at its own host, by https.',
      });
    throw failure('CATALOG_FORBIDDEN', what, url, 'the registry does not accept the credentials', {
      hint: `Log in anew with \`docker login ${host}\` or \`helm registry login ${host}\`; the repository may be another one, too.`,
    });
  };
  return { ask };
}

/** By TLS, unless plain HTTP was asked for; on this machine whichever it speaks. */
async function baseOf(
  settings: RegistrySettings,
  host: string,
  what: string,
  signal?: AbortSignal,
): Promise<URL> {
  const api = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const [secure, plain] = [new URL(`https://${api}/`), new URL(`http://${api}/`)];
  if (settings.plainHttp === true) return plain;
  if (!isLoopback(secure.hostname.replace(/^\[|\]$/g, ''))) return secure;
  try {
    const question = { what, url: new URL('/v2/', secure), limit: longestDocument, also: [401, 404] };
    await readHttp(
      { ...settings.http, credentials: async () => undefined },
      {
        ...question,
        ...(signal === undefined ? {} : { signal }),
        ...(settings.from === undefined ? {} : { from: settings.from }),
      },
    );
    return secure;
  } catch (error) {
    if (speaksNoTls(error)) return plain;
    throw error;
  }
}

async function answerTo(
  settings: RegistrySettings,
  asked: SessionTarget & { readonly what: string; readonly url: URL },
  answer: Answer,
  signal?: AbortSignal,
): ReturnType<typeof authorize> {
  const challenge = parseChallenge(answer.header('www-authenticate'));
  if (challenge === undefined)
    throw failure(
      'CATALOG_FORBIDDEN',
      asked.what,
      asked.url,
      'the server answers 401, and not how to log in',
    );
  return authorize({
    http: { ...settings.http, credentials: async () => undefined },
    what: asked.what,
    registry: new URL('/', asked.url),
    repository: asked.repository,
    actions: asked.actions,
    challenge,
    login: await settings.login(asked.host),
    reach: answer.reach,
    ...(signal === undefined ? {} : { signal }),
  });
}
