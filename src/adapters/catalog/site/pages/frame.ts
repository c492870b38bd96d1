import { type Html, html } from './html.ts';

export interface FrameRequest {
  readonly title: string;
  readonly description: string;
  /** What leads from the page to the folder of the site: `` or `../`. */
  readonly root: string;
  readonly body: Html;
}

/**
 * Nothing but files of the site is loaded, and nothing that stands in a page runs: what an app says of itself stays text, whatever a
 * mistake in a page would make of it.
 */
const policy =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** A page of the site. */
export function frame({ title, description, root, body }: FrameRequest): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${description}">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/site.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
${body}</body>
</html>
`.text;
}
