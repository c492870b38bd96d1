import { parseQuantity } from './quantity.ts';

/** A `format` of the values schema: what a text of it looks like. */
export interface SchemaFormat {
  readonly name: string;
  /** For messages and docs: "must be ...". */
  readonly means: string;
  matches(text: string): boolean;
}

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const hostname = new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`, 'i');
const octet = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const cronField = '[\\d*,/\\-A-Za-z?L#]+';

/**
 * Every format that is checked. The expressions are native ones: each is written here, bounded, and without nested
 * repetition. An empty text passes every format: it means "not set", and `minLength: 1` forbids it.
 */
export const schemaFormats: readonly SchemaFormat[] = [
  { name: 'password', means: 'a secret', matches: () => true },
  {
    name: 'quantity',
    means: 'a Kubernetes quantity such as 8Gi or 250m',
    matches: (text) => parseQuantity(text) !== undefined,
  },
  {
    name: 'hostname',
    means: 'a host name such as app.example.com',
    matches: (text) => text.length <= 253 && hostname.test(text),
  },
  { name: 'port', means: 'a port from 1 to 65535', matches: (text) => isPort(text) },
  {
    name: 'duration',
    means: 'a duration such as 30s, 5m or 1h30m',
    matches: (text) => text.length <= 64 && /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d))+$/.test(text),
  },
  {
    name: 'email',
    means: 'an e-mail address',
    matches: (text) => text.length <= 320 && /^[^\s@"<>]{1,64}@[^\s@"<>]{1,255}$/.test(text),
  },
  { name: 'uri', means: 'an address such as https://example.com', matches: isUri },
  { name: 'ipv4', means: 'an IPv4 address', matches: (text) => ipv4.test(text) },
  { name: 'ipv6', means: 'an IPv6 address', matches: isIpv6 },
  { name: 'cidr', means: 'an address range such as 10.0.0.0/8', matches: isCidr },
  {
    name: 'dns-label',
    means: 'a Kubernetes name: lower-case letters, digits and hyphens, at most 63',
    matches: (text) => new RegExp(`^${label}$`).test(text),
  },
  {
    name: 'date-time',
    means: 'a time such as 2026-01-31T12:00:00Z (RFC 3339)',
    matches: (text) =>
      /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
      !Number.isNaN(Date.parse(text)),
  },
  {
    name: 'date',
    means: 'a date such as 2026-01-31',
    matches: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)),
  },
  {
    name: 'uuid',
    means: 'a UUID',
    matches: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  },
  {
    name: 'cron',
    means: 'a cron schedule such as "0 3 * * *" or @daily',
    matches: (text) =>
      /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text) ||
      (text.length <= 200 && new RegExp(`^${cronField}( ${cronField}){4}$`).test(text)),
  },
  {
    name: 'image',
    means: 'an image reference such as registry.example.com/app:1.2',
    matches: (text) =>
      text.length <= 512 &&
      /^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/i.test(text),
  },
];

/** A port may be given as a number or as text. */
export function isPort(value: string | number): boolean {
  const port = typeof value === 'number' ? value : /^[1-9]\d{0,4}$/.test(value) ? Number(value) : 0;
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) && URL.canParse(text);
}

function isIpv6(text: string): boolean {
  return text.includes(':') && text.length <= 45 && URL.canParse(`http://[${text}]/`);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', more] = text.split('/');
  if (more !== undefined || !/^\d{1,3}$/.test(bits)) return false;
  return (ipv4.test(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}
