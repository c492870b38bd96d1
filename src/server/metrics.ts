import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the server counts (Prometheus). No label holds what a caller sent: routes are named as they are documented. */
export interface Metrics {
  request(route: string, method: string, status: number, seconds: number): void;
  operation(operation: string, result: string): void;
  /** A catalog was asked for what is new: `read`, `unchanged`, `nothing` or `failed`. */
  catalog(name: string, outcome: string): void;
  /** Asked when somebody reads the metrics. */
  gauge(name: string, help: string, read: () => number): void;
  text(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'appstore_http_request_duration_seconds',
    help: 'Requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const operations = new Counter({
    name: 'appstore_operations_total',
    help: 'Operations that ended on this replica, by kind and result',
    labelNames: ['operation', 'result'],
    registers: [registry],
  });
  const catalogs = new Counter({
    name: 'appstore_catalog_updates_total',
    help: 'Times that a catalog was asked for what is new, by its name and what came of it',
    labelNames: ['catalog', 'outcome'],
    registers: [registry],
  });
  return {
    request: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    operation: (operation, result) => operations.inc({ operation, result }),
    catalog: (catalog, outcome) => catalogs.inc({ catalog, outcome }),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}
