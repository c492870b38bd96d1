/** Longest text that is shown of anything that came from outside, in characters. */
const defaultLimit = 4096;

/** ESC sequences: CSI (`ESC [ ... letter`), OSC and other strings (up to BEL or ST), and two-character ones. */
// The string form is bounded, so that an unfinished sequence cannot swallow the text behind it.
const escapeSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]{0,2048}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;

/** Control characters except tab and line feed; C1; direction overrides and marks; zero-width; line separators; tags. */
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff](?<![\ud800-\udbff][\udc00-\udfff])(?![\udc00-\udfff])/gu;

/**
 * Text from outside (events, logs, annotations, catalogs, records) made safe to show: no terminal control sequences, no control
 * characters, no direction overrides, no invisible characters; at most `limit` characters. Tabs and line feeds stay.
 */
export function cleanText(text: string, limit: number = defaultLimit): string {
  // Cut first, with room for what is taken out, so that the cost is bounded whatever comes in.
  const cleaned = text
    .slice(0, limit * 8)
    .replace(/\r\n?/g, '\n')
    .replace(escapeSequences, '')
    .replace(invisible, '');
  return cleaned.length <= limit ? cleaned : `${cleaned.slice(0, Math.max(0, limit - 1))}…`;
}

/** The same on one line: white space of any kind becomes one space. */
export function cleanLine(text: string, limit: number = 512): string {
  return cleanText(text, limit).replace(/\s+/g, ' ').trim();
}

/**
 * What JSON and YAML write as it is and terminals act on or hide: DEL and C1, direction marks and overrides, line separators, what has
 * no width. Joiners stay, which emoji and some scripts are written with.
 */
const unseen = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON with these written as escapes: for a program it is the same text. */
export function escapeUnseen(json: string): string {
  return json.replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** True for text that would be another one after `escapeUnseen`. */
export function hasUnseen(text: string): boolean {
  return text.search(unseen) >= 0;
}
