/** An address that a page may lead to; undefined for what could run, load or mean something else (`javascript:`, `data:`, `file:`). */
export function linkAddress(text: string): string | undefined {
  const address = text.trim();
  // Not URL.parse: browsers of 2024 do not have it yet.
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}
