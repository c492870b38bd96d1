/** Values shorter than this are not looked for by value. */
export const shortestSecret = 6;

/** Lines of a longer secret (a key in PEM form) are looked for one by one: logs print them so. */
const shortestLine = 16;

/** Every form in which a secret may turn up in a text, without repetitions. */
export function secretForms(secrets: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const part of [secret, ...linesOf(secret)]) {
      if (part.length >= shortestSecret) for (const form of formsOf(part)) forms.add(form);
    }
  }
  return [...forms].filter((form) => form.length >= shortestSecret);
}

/**
 * The same forms, each at a place in the list that depends on the secret's lines alone: a form can be named by its number. The
 * secret as it is comes first. Of a secret that is too short to be looked for there is this one alone.
 */
export function numberedForms(secret: string): string[] {
  if (secret.length < shortestSecret) return [secret];
  return [secret, ...linesOf(secret)].flatMap((part) => formsOf(part));
}

function linesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return lines.length < 2
    ? []
    : lines.filter((line) => line.length >= shortestLine && !line.startsWith('-----'));
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    secret.trim(),
    json,
    // Go's encoding/json also escapes these three.
    json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
    // A JSON text inside of a JSON text.
    JSON.stringify(json).slice(1, -1),
    // encodeURIComponent throws on half a surrogate pair.
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ v: secret }).toString().slice(2),
    // A shell or YAML in single quotes.
    secret.replaceAll("'", "''"),
    secret.replaceAll("'", "'\\''"),
    ...base64Forms(secret),
  ];
}

/**
 * Base64 of a secret, also where it begins in the middle of a longer text (`user:password`): three alignments are possible, and
 * of each only the characters are taken that the neighbours cannot change.
 */
function base64Forms(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((offset) => {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const encoded = Buffer.from(shifted).toString('base64');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor((shifted.length * 8) / 6);
    const certain = encoded.slice(first, last);
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
