/** Where the index of a repository lies: `index.yaml` behind its path; a query stays, as in Helm. */
export function indexAddress(location: string): URL {
  const url = new URL(location);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/index.yaml`;
  return url;
}
