import { maskedText } from './masking.ts';

/**
 * An address as it was written, to be shown: what stands before the host, as in `https://ann:secret@host`, is masked. The name alone that ssh
 * is given stays. A password with a slash in it is recognised by what cannot be a port before it.
 */
export function shownAddress(text: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(text) ?? [];
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const broken = /:(?!\d*$)/.test(authority) && !authority.startsWith('[');
  const at = authority.includes('@') ? authority.lastIndexOf('@') : broken ? rest.lastIndexOf('@') : -1;
  if (at < 0) return text;
  const isName = /ssh:/i.test(scheme) && !rest.slice(0, at).includes(':');
  return isName ? text : `${scheme}${maskedText}${rest.slice(at)}`;
}
