import type { ChartCase, Step } from './cases.ts';
import type { Life } from './life.ts';
import type { Snapshot } from './snapshot.ts';

const steps: readonly Step[] = ['install', 'upgrade', 'rollback', 'remove'];

/** What differs between two lives, one line an object and step; empty where nothing does. */
export function differences({ random = [] }: ChartCase, ours: Life, helms: Life): string[] {
  return steps.flatMap((step) =>
    differing(plain(ours[step], random), plain(helms[step], random)).map((line) => `${step}: ${line}`),
  );
}

/** The differences that a case explains, in the same form. */
export function explained({ explained: known = [] }: ChartCase): string[] {
  return known.map(({ step, object, how }) => `${step}: ${object}: ${how}`).sort();
}

function differing(ours: Snapshot, helms: Snapshot): string[] {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(helms)])].sort();
  return names.flatMap((name) => {
    const [one, other] = [ours[name], helms[name]];
    if (one === other) return [];
    if (one === undefined) return [`${name}: only Helm`];
    if (other === undefined) return [`${name}: only ours`];
    return [`${name}: differs\n  ours: ${around(one, other)}\n  Helm: ${around(other, one)}`];
  });
}

function plain(snapshot: Snapshot, random: ChartCase['random'] = []): Snapshot {
  const replaced = (text: string) => random.reduce((result, [what, by]) => result.replace(what, by), text);
  return Object.fromEntries(Object.entries(snapshot).map(([name, text]) => [replaced(name), replaced(text)]));
}

/** A text around the place where it parts from another. */
function around(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return text.slice(Math.max(0, at - 60), at + 100);
}
