import { expect, onTestFinished, test } from 'vitest';
import { serveMetrics } from '../../src/server/metrics-server.ts';
import { serverHarness } from '../support/server.ts';

test('the metrics have a port of their own, and nothing else is there', async () => {
  const server = await serverHarness({ settings: { metricsApart: true } });
  onTestFinished(() => server.stop());
  const { port, stop } = await serveMetrics(server.services.metrics, { host: '127.0.0.1', port: 0 });
  onTestFinished(stop);
  const headers = { 'x-test-caller': 'ann' };
  expect((await server.app.inject({ url: '/metrics', headers })).json().code).toBe('ROUTE_NOT_FOUND');
  expect((await server.app.inject('/healthz')).statusCode).toBe(200);
  const { paths } = (await server.app.inject('/api/v1/openapi.json')).json();
  expect(Object.keys(paths)).not.toContain('/metrics');

  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
  const answer = await ask('/metrics');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/plain'),
  ]);
  expect(await answer.text()).toContain('appstore_http_request_duration_seconds_count{route="/healthz"');
  expect((await ask('/metrics', 'POST')).status).toBe(405);
  for (const path of ['/', '/healthz', '/api/v1/apps', '/metrics/x'])
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
});
