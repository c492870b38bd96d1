/** An address that a page may lead to; undefined for what could run, load or mean something else (`javascript:`, `data:`, `file:`). */
export function linkAddress(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !['http:', 'https:', 'mailto:'].includes(url.protocol)) return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}
