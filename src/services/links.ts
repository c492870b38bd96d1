import type { Masker } from '../domain/masking.ts';
import type { OpenLink } from '../domain/rendered.ts';

/** A link with secrets masked: an address may hold a token. */
export function maskedLink(link: OpenLink, mask: Pick<Masker, 'text'>): OpenLink {
  const { title, url, service } = link;
  return {
    title: mask.text(title),
    ...(url === undefined ? {} : { url: mask.text(url) }),
    ...(service === undefined ? {} : { service: { ...service, path: mask.text(service.path) } }),
  };
}
