import type { ObjectRef } from '../../../domain/objects.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const kind = /^[A-Z][A-Za-z0-9]{0,62}$/;

/** Names may be path segments (`system:node`), as RBAC allows them; nothing that would lead to another path, or be no text. */
function isName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 253 &&
    name !== '.' &&
    name !== '..' &&
    !/[/%\s\u0000-\u001f\u007f-\u009f]/.test(name)
  );
}

/**
 * What is wrong with a reference that a record holds; undefined where it can be the identity of an object. A record is
 * untrusted: a name like `..` is a path to something else wherever a gateway tidies paths.
 */
export function checkIdentity(ref: ObjectRef): string | undefined {
  if (ref.group !== '' && (ref.group.length > 253 || !subdomain.test(ref.group)))
    return '"group" is no API group';
  if (ref.version.length > 63 || !label.test(ref.version)) return '"version" is no API version';
  if (!kind.test(ref.kind)) return '"kind" is no kind';
  if (ref.namespace !== '' && (ref.namespace.length > 63 || !label.test(ref.namespace)))
    return '"namespace" is no namespace';
  return isName(ref.name) ? undefined : '"name" is no name';
}
