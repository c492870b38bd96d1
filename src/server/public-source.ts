/** Where a package came from, for callers: an address stays, a folder of the server is known by its name alone. */
export function publicSource(source: string): string {
  if (!/^([A-Za-z]:)?[\\/]/.test(source)) return source;
  return source.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}
