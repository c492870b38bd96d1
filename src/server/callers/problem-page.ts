import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml } from '../../domain/html.ts';
import { problemOf } from '../problems.ts';

/** An error for a person whose browser was sent here: nothing of the storefront is there to show it. */
export function problemPage(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  const { status, title, detail, hint, code } = problemOf(thrown, request.id);
  if (status >= 500) request.log.error({ id: request.id, code, detail }, 'login failed');
  else request.log.info({ id: request.id, code, detail }, 'login refused');
  const lines = [
    '<!doctype html>',
    '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title>`,
    `<main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><p>${escapeHtml(hint)}</p>`,
    `<p><a href="/login">Log in again</a></p><p><small>${escapeHtml(code)}, request ${escapeHtml(request.id)}</small></p></main></html>`,
  ];
  return reply.code(status).type('text/html; charset=utf-8').send(lines.join('\n'));
}
