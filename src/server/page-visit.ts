import type { FastifyRequest } from 'fastify';

/** True for a browser that opens an address to show it to a person, rather than a program or a script of a page. */
export function isPageVisit({ method, url, headers }: FastifyRequest): boolean {
  const isOfApi = /^\/(api|assets)(\/|\?|$)/.test(url);
  return method === 'GET' && !isOfApi && String(headers.accept ?? '').includes('text/html');
}
