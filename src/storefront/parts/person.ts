/** Who did something, without the program and the machine that they did it with. */
export function personIn(by: string): string {
  return by.replace(/ \(.*\)$/, '');
}
