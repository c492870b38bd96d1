import { isObject, type Json, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { OpenLink, RenderedObject } from './rendered.ts';

/**
 * Where an app is reached whose package does not say so itself, from what it renders to: every host of its Ingresses, and where
 * there is none, the Services that are meant for the outside, or the only one that speaks HTTP.
 */
export function chartLinks(objects: readonly RenderedObject[], namespace: string): OpenLink[] {
  const steady = objects.filter(({ phase, object }) => phase.kind !== 'hook' && isIn(object, namespace));
  const hosts = steady
    .map(({ object }) => object)
    .filter(({ kind }) => kind === 'Ingress')
    .flatMap(hostLinks);
  return hosts.length > 0 ? hosts : serviceLinks(steady);
}

function isIn({ metadata }: KubeObject, namespace: string): boolean {
  return metadata.namespace === undefined || metadata.namespace === namespace;
}

/** Rules without a host, or with a wildcard, are no address. */
function hostLinks(ingress: KubeObject): OpenLink[] {
  const spec = objectOf(ingress.spec as Json | undefined);
  const secure = new Set(listOf(spec.tls).flatMap((one) => listOf(objectOf(one).hosts)));
  return listOf(spec.rules).flatMap((rule) => {
    const { host, http } = objectOf(rule);
    if (typeof host !== 'string' || host === '' || host.includes('*')) return [];
    const path = objectOf(listOf(objectOf(http).paths)[0]).path;
    const url = `${secure.has(host) ? 'https' : 'http'}://${host}${plainPath(path)}`;
    return [{ title: host, url }];
  });
}

/** The path as far as it is plain: some controllers take regular expressions. */
function plainPath(path: Json | undefined): string {
  const plain = typeof path === 'string' ? (/^[\w./~-]*/.exec(path)?.[0] ?? '') : '';
  return plain.startsWith('/') ? plain : '/';
}

/** What is asked for by a browser: by its name, its protocol, or its number. */
const webNames = /^(https?|web|ui|www|dashboard|console)(-|$)|-(https?|web|ui)$/;
const webNumbers: ReadonlySet<unknown> = new Set([80, 443, 3000, 5000, 8000, 8080, 8443, 9000, 9090]);
/** For other machines, whatever their port is called. */
const notForPeople = /metrics|health|probe|webhook|admin-?api|grpc|peer|gossip/;

/** Those of the chart itself go before those of its subcharts. */
function serviceLinks(objects: readonly RenderedObject[]): OpenLink[] {
  const links = objects.flatMap(({ object, source }) => {
    const { type, clusterIP } = objectOf(object.spec as Json | undefined);
    const link = object.kind === 'Service' && clusterIP !== 'None' ? serviceLink(object) : undefined;
    const outside = type === 'LoadBalancer' || type === 'NodePort';
    return link === undefined ? [] : [{ link, outside, own: !source.file.startsWith('charts/') }];
  });
  const own = links.filter((one) => one.own);
  const outside = [own, links].map((some) => some.filter((one) => one.outside));
  const found = [...outside, ...[own, links].map((some) => (some.length === 1 ? some : []))];
  return (found.find(({ length }) => length > 0) ?? []).map(({ link }) => link);
}

function serviceLink({ metadata: { name }, spec }: KubeObject): OpenLink | undefined {
  if (notForPeople.test(name)) return undefined;
  const port = listOf(objectOf(spec as Json).ports)
    .map(objectOf)
    .find(isWebPort);
  if (port === undefined || typeof port.port !== 'number') return undefined;
  const scheme = port.name === 'https' || port.port === 443 || port.port === 8443 ? 'https' : 'http';
  return { title: name, service: { name, port: port.port, path: '/', scheme } };
}

function isWebPort({ name, port, appProtocol, protocol = 'TCP' }: JsonObject): boolean {
  if (protocol !== 'TCP') return false;
  const called = typeof name === 'string' ? name : '';
  if (notForPeople.test(called)) return false;
  if (appProtocol === 'http' || appProtocol === 'https' || webNames.test(called)) return true;
  // A name that says something else is believed
  return (called === '' || called === 'tcp') && webNumbers.has(port);
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
