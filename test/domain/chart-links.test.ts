import { describe, expect, test } from 'vitest';
import { chartLinks } from '../../src/domain/chart-links.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Phase, RenderedObject } from '../../src/domain/rendered.ts';

const rendered = (object: KubeObject, phase: Phase = { kind: 'normal' }): RenderedObject => ({
  object,
  source: { file: 'templates/all.yaml' },
  phase,
});

function ingress(host: string | undefined, options: { path?: string; tls?: string[] } = {}): RenderedObject {
  const { path = '/', tls } = options;
  return rendered({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: {
      ...(tls === undefined ? {} : { tls: [{ hosts: tls, secretName: 'tls' }] }),
      rules: [{ ...(host === undefined ? {} : { host }), http: { paths: [{ path }] } }],
    },
  });
}

function service(name: string, ports: object[], spec: object = {}, namespace?: string): RenderedObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return rendered({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports, ...spec } });
}

const inSubchart = (object: RenderedObject): RenderedObject => ({
  ...object,
  source: { file: 'charts/other/templates/all.yaml' },
});

const urls = (...objects: RenderedObject[]) => chartLinks(objects, 'shop').map(({ url }) => url);
const services = (...objects: RenderedObject[]) =>
  chartLinks(objects, 'shop').map(({ service: found }) =>
    found === undefined ? undefined : `${found.scheme}://${found.name}:${found.port}${found.path}`,
  );

const http = { name: 'http', port: 80 };

describe('the hosts of Ingresses', () => {
  test.each<[string, RenderedObject, (string | undefined)[]]>([
    ['plain', ingress('a.example'), ['http://a.example/']],
    ['with a certificate', ingress('a.example', { tls: ['a.example'] }), ['https://a.example/']],
    [
      'with a certificate of another host',
      ingress('a.example', { tls: ['b.example'] }),
      ['http://a.example/'],
    ],
    ['with a path', ingress('a.example', { path: '/wiki' }), ['http://a.example/wiki']],
    [
      'with a regular expression',
      ingress('a.example', { path: '/wiki(/|$)(.*)' }),
      ['http://a.example/wiki'],
    ],
    ['none', ingress(undefined), []],
    ['a wildcard', ingress('*.example'), []],
  ])('%s', (_, object, found) => expect(urls(object)).toEqual(found));

  test('go before Services', () => {
    expect(services(ingress('a.example'), service('web', [http]))).toEqual([undefined]);
  });

  test('of hooks do not count', () => {
    const hook: Phase = { kind: 'hook', events: ['test'], weight: 0, deletePolicies: [] };
    expect(urls({ ...ingress('a.example'), phase: hook })).toEqual([]);
  });
});

describe('without an Ingress', () => {
  test.each<[string, RenderedObject[], string[]]>([
    ['the only Service with a web port', [service('web', [http])], ['http://web:80/']],
    ['by number where the port has no name', [service('web', [{ port: 8080 }])], ['http://web:8080/']],
    ['https', [service('web', [{ name: 'https', port: 8443 }])], ['https://web:8443/']],
    [
      'by its protocol',
      [service('web', [{ name: 'tcp-a', port: 7, appProtocol: 'http' }])],
      ['http://web:7/'],
    ],
    [
      'not a database beside it',
      [service('db', [{ name: 'postgres', port: 5432 }]), service('web', [http])],
      ['http://web:80/'],
    ],
    ['not what is for machines', [service('web-metrics', [http])], []],
    ['not a port for machines', [service('web', [{ name: 'http-metrics', port: 8080 }])], []],
    ['not a headless one', [service('web', [http], { clusterIP: 'None' })], []],
    ['not one of another namespace', [service('web', [http], {}, 'other')], []],
    [
      'the one of the chart itself before those of its subcharts',
      [inSubchart(service('alerts', [http])), service('web', [http]), inSubchart(service('state', [http]))],
      ['http://web:80/'],
    ],
    ['none of several', [service('a', [http]), service('b', [http])], []],
    [
      'the one of several that is meant for the outside',
      [service('a', [http]), service('b', [http], { type: 'LoadBalancer' })],
      ['http://b:80/'],
    ],
    ['not one that speaks UDP', [service('dns', [{ name: 'http', port: 80, protocol: 'UDP' }])], []],
    ['nothing of what is misshapen', [service('a', [null as unknown as object])], []],
  ])('%s', (_, objects, found) => expect(services(...objects)).toEqual(found));
});
