/** Characters of a name that there is room for. */
const most = 24;

/**
 * Names for a narrow place, in the same order. Long ones are cut at the front, where those of one provider are all the same
 * (`arn:aws:eks:eu-west-1:123456789012:cluster/prod`), and no further than what tells each from the others.
 */
export function shortNames(names: readonly string[]): readonly string[] {
  return names.map((name) => {
    if (name.length <= most) return name;
    const others = names.filter((other) => other !== name);
    const ending = endingsOf(name).find((end) => others.every((other) => !other.endsWith(end)));
    return ending === undefined ? name : `…${ending}`;
  });
}

/** What a name ends with, the shortest first: from each of its separators on, or as much as there is room for. */
function endingsOf(name: string): readonly string[] {
  const parts = [...name.matchAll(/[/:@_](?=.)/g)].map(({ index }) => name.slice(index));
  return (parts.length === 0 ? [name.slice(1 - most)] : parts).toReversed();
}
