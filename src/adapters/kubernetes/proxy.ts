import net from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a server, as kubectl (Go's `httpproxy.FromEnvironment`) chooses it: `proxy-url` of the kubeconfig first, else
 * HTTPS_PROXY or HTTP_PROXY by the scheme of the server, unless NO_PROXY names the host. Loopback never goes through a proxy
 * of the environment. Throws TypeError for an address that is none.
 */
export function proxyFor(server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined {
  if (proxyUrl !== undefined && proxyUrl !== '') return new URL(proxyUrl);
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()];
  if (value === undefined || value === '') return undefined;
  const host = server.hostname.replace(/^\[|\]$/g, '');
  if (isLoopback(host)) return undefined;
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (excluded(env.NO_PROXY || env.no_proxy || '', host, port)) return undefined;
  return new URL(value.includes('://') ? value : `http://${value}`);
}

/** True for names and addresses of this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));
}

function excluded(list: string, host: string, port: string): boolean {
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry, host.toLowerCase(), port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (net.isIP(host) !== 0) return matchesAddress(entry, host, port);
  const [name = '', only] = entry.split(':');
  if (only !== undefined && only !== port) return false;
  const bare = name.replace(/^\*?\./, '');
  const subdomains = host.endsWith(`.${bare}`);
  return name === bare ? host === bare || subdomains : subdomains;
}

function matchesAddress(entry: string, host: string, port: string): boolean {
  const family = net.isIPv6(host) ? 'ipv6' : 'ipv4';
  const [range = '', bits] = entry.split('/');
  if (bits === undefined)
    return entry === host || entry === `${host}:${port}` || entry === `[${host}]:${port}`;
  if ((net.isIPv6(range) ? 'ipv6' : 'ipv4') !== family || net.isIP(range) === 0) return false;
  const block = new net.BlockList();
  block.addSubnet(range, Number(bits), family);
  return block.check(host, family);
}
