/** A number as it stands in a text of JSON. */
interface Written {
  readonly source?: string;
}

/**
 * `JSON.parse` that loses no digit: an integer past 2^53, which JavaScript's numbers round, comes as a bigint. Such integers are int64 fields of
 * objects that Go programs read and write; here they are only carried along, compared and written, by `JSON.stringify` with all their
 * digits. Everything else is as it always is, and as fast: only a text with 16 digits in a row is looked at number by number.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!/[0-9]{16}/.test(text)) return JSON.parse(text);
  letBigintsBeWritten();
  return JSON.parse(text, (_key, value: unknown, { source = '' }: Written = {}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

/** `JSON.stringify` refuses bigints unless they say how they are written (https://tc39.es/proposal-json-parse-with-source/). */
function letBigintsBeWritten(): void {
  if (Object.hasOwn(BigInt.prototype, 'toJSON')) return;
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  Object.defineProperty(BigInt.prototype, 'toJSON', {
    configurable: true,
    value(this: bigint) {
      return rawJSON(String(this));
    },
  });
}
