/** The address of a file of a site: behind its path; a query stays (some sign their addresses there). */
export function siteFile(location: string, file: string): URL {
  const url = new URL(location);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${file}`;
  return url;
}
