import { AppstoreError } from '../../../../domain/errors.ts';
import { formatGitReference, type GitReference } from '../../../../domain/git-reference.ts';
import { cleanLine } from '../../../../domain/text.ts';
import { type HttpQuestion, readHttp } from '../../http/client.ts';
import { failure } from '../../http/errors.ts';
import type { HttpSettings } from '../../http/settings.ts';
import { type GitObject, PackRefused, readPack } from './pack.ts';
import { lineOf, NoGitProtocol, type Packet, readPackets, writeRequest } from './pkt-line.ts';

/** A git server that is asked over HTTP in version 2 of the protocol (gitprotocol-v2(5)), without the program `git`. */
export interface SmartServer {
  /** Names with their objects, and `NAME^{}` for what an annotated tag stands for. */
  refs(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** A commit without its history, and without files where the server can leave them out. */
  commit(commit: string): Promise<ReadonlyMap<string, GitObject>>;
  /** Objects by their names. */
  objects(names: readonly string[]): Promise<ReadonlyMap<string, GitObject>>;
}

/** Bytes that a server may send, and what they may unpack to: all of it is held. */
const longestLists = 16 * 1024 * 1024;
const longestPack = 128 * 1024 * 1024;
const bounds = { objects: 500_000, objectBytes: 64 * 1024 * 1024, totalBytes: 384 * 1024 * 1024 } as const;

const version2 = { 'git-protocol': 'version=2' } as const;

/**
 * Asks a server what it can.
 *
 * @throws AppstoreError CATALOG_UNREACHABLE, CATALOG_FORBIDDEN; so do its methods, and VERSION_NOT_FOUND, CATALOG_INVALID
 */
export async function openSmartServer(
  reference: GitReference,
  http: HttpSettings,
  signal?: AbortSignal,
): Promise<SmartServer> {
  const what = formatGitReference({ url: reference.url, path: '' });
  const base = reference.url.replace(/\/+$/, '');
  const ask = async (path: string, question: Pick<HttpQuestion, 'limit' | 'write' | 'headers'>) => {
    const url = new URL(`${base}/${path}`);
    const headers = { ...version2, ...question.headers };
    const answer = await readHttp(http, {
      ...question,
      what,
      url,
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.url.href === url.href) return answer.bytes;
    throw failure('CATALOG_UNREACHABLE', what, url, 'it leads to another address, which is not followed', {
      hint: 'Ask for the address that the repository has now, and name that one.',
    });
  };
  const told = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof NoGitProtocol)
        throw failure('CATALOG_UNREACHABLE', what, new URL(base), error.message, { cause: error });
      if (error instanceof PackRefused)
        throw new AppstoreError(
          'CATALOG_INVALID',
          `${what}: what the server sent is refused: ${error.message}.`,
          {
            cause: error,
          },
        );
      throw error;
    }
  };
  const post = async (command: string, args: readonly string[], limit: number) => {
    const body = writeRequest(command, args);
    const headers = {
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
      'content-length': String(body.length),
    };
    return ask('git-upload-pack', { limit, headers, write: { method: 'POST', body } });
  };
  const fetch = async (wanted: readonly string[], args: readonly string[]) => {
    const wants = wanted.map((name) => `want ${name}`);
    const request = ['no-progress', 'ofs-delta', ...args, ...wants, 'done'];
    return readPack(packIn(await post('fetch', request, longestPack)), bounds);
  };
  const can = await told(async () =>
    capabilities(await ask('info/refs?service=git-upload-pack', { limit: longestLists })),
  );
  const depth = can.has('shallow') ? ['deepen 1'] : [];
  const filter = can.has('filter') ? ['filter blob:none'] : [];
  return {
    refs: (names) =>
      told(async () => {
        const prefixes = names.map((name) => `ref-prefix ${name}`);
        return refsIn(await post('ls-refs', ['peel', ...prefixes], longestLists), names);
      }),
    commit: (commit) => told(() => fetch([commit], [...depth, ...filter])),
    objects: (names) => told(() => fetch(names, [])),
  };
}

/** What `fetch` can. Throws NoGitProtocol. */
function capabilities(bytes: Buffer): ReadonlySet<string> {
  const lines = [...readPackets(bytes)].map(lineOf);
  if (!lines.includes('version 2'))
    throw new NoGitProtocol('it speaks an older protocol than version 2, which the program `git` can read');
  const format = lines.find((line) => line.startsWith('object-format='));
  if (format !== undefined && format !== 'object-format=sha1')
    throw new NoGitProtocol('its objects are not named by SHA-1, which the program `git` can read');
  const fetch = lines.find((line) => /^fetch(=|$)/.test(line)) ?? '';
  return new Set(fetch.replace(/^fetch=?/, '').split(' '));
}

function refsIn(bytes: Buffer, names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const packet of readPackets(bytes)) {
    const line = lineOf(orError(packet));
    const [, object, name, peeled] = /^([0-9a-f]{40}) (\S+)(?:.* peeled:([0-9a-f]{40}))?/.exec(line) ?? [];
    if (object === undefined || name === undefined || !names.includes(name)) continue;
    found.set(name, object);
    if (peeled !== undefined) found.set(`${name}^{}`, peeled);
  }
  return found;
}

/** The section `packfile` comes in bands: content, what is said meanwhile, and an error. */
function packIn(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let isPack = false;
  for (const packet of readPackets(bytes)) {
    if (typeof orError(packet) === 'string') continue;
    const content = packet as Buffer;
    if (!isPack) isPack = lineOf(content) === 'packfile';
    else if (content[0] === 1) pieces.push(content.subarray(1));
    else if (content[0] === 3) throw new NoGitProtocol(saidBy(content.subarray(1)));
  }
  return Buffer.concat(pieces);
}

function orError(packet: Packet): Packet {
  const line = typeof packet === 'string' ? '' : packet.toString('latin1', 0, 4);
  if (line === 'ERR ') throw new NoGitProtocol(saidBy((packet as Buffer).subarray(4)));
  return packet;
}

function saidBy(text: Buffer): string {
  return `the server says: ${cleanLine(text.toString('utf8').trim(), 200)}`;
}
