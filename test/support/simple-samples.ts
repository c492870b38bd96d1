import type { KubeObject } from '../../src/domain/objects.ts';

interface Sample {
  readonly title: string;
  readonly object: KubeObject;
  /** Whether `surelyValid` vouches for it. */
  readonly sure: boolean;
  /** What a real API server says of it. */
  readonly server: 'takes' | 'refuses';
}

type Fields = Record<string, unknown>;

const of =
  (kind: string) =>
  (fields: Fields = {}, metadata: Fields = {}): KubeObject =>
    ({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'sample', ...metadata },
      ...fields,
    }) as unknown as KubeObject;

const configMap = of('ConfigMap');
const secret = of('Secret');
const account = of('ServiceAccount');
const letters = (count: number) => 'a'.repeat(count);
const encoded = (text: string) => Buffer.from(text).toString('base64');
const tls = 'kubernetes.io/tls';
const basic = 'kubernetes.io/basic-auth';

const row =
  (sure: boolean, server: Sample['server']) =>
  (title: string, object: KubeObject): Sample => ({ title, object, sure, server });
/** We vouch for it and the server takes it. */
const good = row(true, 'takes');
/** We do not vouch for it, though the server would take it: it is asked. */
const asked = row(false, 'takes');
/** The server refuses it, so that we must not vouch for it. */
const bad = row(false, 'refuses');

/** Simple objects at the edges of the rules (kubernetes pkg/apis/core/validation, apimachinery util/validation). */
export const simpleSamples: readonly Sample[] = [
  good('a ConfigMap without data', configMap()),
  bad('a key of three dots', configMap({ data: { '...': 'y' } })),
  good(
    'keys of every allowed character',
    configMap({ data: { 'a.b-c_D0': 'x', '.a': '', 'a..': 'y', _: 'z' } }),
  ),
  good('a key of 253 characters', configMap({ data: { [letters(253)]: 'x' } })),
  bad('a key of 254 characters', configMap({ data: { [letters(254)]: 'x' } })),
  bad('an empty key', configMap({ data: { '': 'x' } })),
  bad('a key with a space', configMap({ data: { 'a b': 'x' } })),
  bad('a key with a slash', configMap({ data: { 'a/b': 'x' } })),
  bad('a key with a line feed at its end', configMap({ data: { 'a\n': 'x' } })),
  bad('a key with a letter that is not ASCII', configMap({ data: { ä: 'x' } })),
  bad('the key .', configMap({ data: { '.': 'x' } })),
  bad('the key ..', configMap({ data: { '..': 'x' } })),
  bad('a key that begins with two dots', configMap({ data: { '..a': 'x' } })),
  good('text of any characters', configMap({ data: { a: 'ä \u0000 \u{1f600}\r\n\t"\\' } })),
  bad('a number as data', configMap({ data: { a: 1 } })),
  bad('a list as data', configMap({ data: ['a'] })),
  asked('null as a value', configMap({ data: { a: null } })),
  asked('null as data', configMap({ data: null })),
  good('binary data', configMap({ binaryData: { a: 'AAEC', b: 'AAE=', c: 'AA==', d: '' } })),
  bad('binary data that is not base64', configMap({ binaryData: { a: 'A' } })),
  bad('binary data of another alphabet', configMap({ binaryData: { a: '_-__' } })),
  bad('binary data without padding', configMap({ binaryData: { a: 'AAE' } })),
  asked('binary data with line feeds', configMap({ binaryData: { a: 'AAEC\nAAEC' } })),
  bad('a key twice', configMap({ data: { a: 'x' }, binaryData: { a: 'AAEC' } })),
  good('immutable', configMap({ immutable: true, data: { a: 'x' } })),
  bad('immutable as text', configMap({ immutable: 'true' })),
  bad('an unknown field', configMap({ dta: { a: 'x' } })),
  bad('a spec', configMap({ spec: {} })),
  good('512 KiB', configMap({ data: { a: letters(512 * 1024) } })),
  asked('1 MiB', configMap({ data: { a: letters(1024 * 1024) } })),
  bad('more than 1 MiB', configMap({ data: { a: letters(1024 * 1024), b: 'x' } })),
  bad('a name of capitals', configMap({}, { name: 'Sample' })),
  bad('a name with an underscore', configMap({}, { name: 'a_b' })),
  good('a name with dots', configMap({}, { name: 'a.b-c.0' })),
  bad('a name of 254 characters', configMap({}, { name: letters(254) })),
  good('labels', configMap({}, { labels: { a: '', 'example.com/A_b.c': 'A_b.c-0' } })),
  bad('a label of 64 characters', configMap({}, { labels: { a: letters(64) } })),
  bad('a label with a space', configMap({}, { labels: { a: 'b c' } })),
  bad('a label that ends with a hyphen', configMap({}, { labels: { a: 'b-' } })),
  bad('a label whose key has two slashes', configMap({}, { labels: { 'a/b/c': 'd' } })),
  bad('a label whose key has a prefix of capitals', configMap({}, { labels: { 'A.b/c': 'd' } })),
  bad('a number as label', configMap({}, { labels: { a: 1 } })),
  good('an annotation of any text', configMap({}, { annotations: { 'a.b/C': 'ä b\nc' } })),
  bad('an annotation whose key has a space', configMap({}, { annotations: { 'a b': 'c' } })),
  bad('too many annotations', configMap({}, { annotations: { a: letters(256 * 1024) } })),
  bad('too many bytes of annotations', configMap({}, { annotations: { a: 'ä'.repeat(140 * 1024) } })),
  asked('a finalizer', configMap({}, { finalizers: ['example.com/a'] })),
  bad(
    'an owner without UID',
    configMap({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a' }] }),
  ),
  bad('unknown metadata', configMap({}, { lables: {} })),
  good('a Secret without type', secret({ data: { a: encoded('x') } })),
  good('an opaque Secret', secret({ type: 'Opaque', data: { a: encoded('x'), b: '' }, immutable: false })),
  asked('a type of its own', secret({ type: 'example.com/a', data: {} })),
  bad('a Secret that is not base64', secret({ data: { a: 'hello!' } })),
  bad('a Secret with a key that is not allowed', secret({ data: { 'a b': encoded('x') } })),
  asked('stringData', secret({ stringData: { a: 'x' } })),
  bad('a Secret of more than 1 MiB', secret({ data: { a: encoded(letters(1024 * 1024 + 1)) } })),
  bad('tls without keys', secret({ type: tls, data: {} })),
  bad('tls without data', secret({ type: tls })),
  bad('tls without its key', secret({ type: tls, data: { 'tls.crt': encoded('x') } })),
  good('tls of any text', secret({ type: tls, data: { 'tls.crt': encoded('x'), 'tls.key': '' } })),
  bad('basic-auth without keys', secret({ type: basic, data: { a: encoded('x') } })),
  good('basic-auth with a user', secret({ type: basic, data: { username: encoded('x') } })),
  good('basic-auth with a password', secret({ type: basic, data: { password: encoded('x') } })),
  bad('ssh-auth without key', secret({ type: 'kubernetes.io/ssh-auth', data: {} })),
  bad(
    'a Docker configuration that is no JSON',
    secret({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': encoded('x') } }),
  ),
  bad('a token without an account', secret({ type: 'kubernetes.io/service-account-token' })),
  good('a ServiceAccount', account()),
  good('a ServiceAccount without token', account({ automountServiceAccountToken: false })),
  bad('a text for a truth value', account({ automountServiceAccountToken: 'no' })),
  asked('pull secrets', account({ imagePullSecrets: [{ name: 'a' }] })),
  bad('an unknown field of an account', account({ automount: true })),
];
