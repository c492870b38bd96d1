import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applySetId } from '../../src/domain/ownership.ts';
import { cliJson } from '../support/cli.ts';
import { contents, names, written } from '../support/contents.ts';
import { freshNamespace } from '../support/sandbox.ts';

/** A setting that is not the default, and an option that brings an object of its own, by app. */
const changes: Readonly<Record<string, { set: string; option: readonly string[]; brings: string }>> = {
  appstore: { set: 'replicas=3', ...ingress() },
  gitea: { set: 'registration=true', ...ingress() },
  grafana: { set: 'resources.limits.memory=777Mi', ...ingress() },
  homepage: { set: 'replicas=2', ...ingress() },
  mariadb: { set: 'parameters.max_connections="200"', ...networkPolicy() },
  miniflux: { set: 'polling.frequency=30', ...ingress() },
  n8n: { set: 'timezone=Europe/Berlin', ...ingress() },
  nextcloud: { set: 'cron.interval=600', ...ingress() },
  postgres: { set: 'parameters.max_connections="200"', ...networkPolicy() },
  rabbitmq: { set: 'resources.limits.memory=777Mi', ...ingress() },
  'uptime-kuma': { set: 'resources.limits.memory=777Mi', ...ingress() },
  valkey: { set: 'resources.limits.memory=777Mi', ...networkPolicy() },
  vaultwarden: { set: 'invitations=false', ...ingress() },
  whoami: { set: 'replicas=3', ...ingress() },
  wordpress: { set: 'debug=true', ...ingress() },
};

function ingress() {
  return {
    option: ['ingress.enabled=true', 'ingress.host=app.example.com'],
    brings: 'ingresses.networking.k8s.io/my',
  };
}

function networkPolicy() {
  return { option: ['networkPolicy.enabled=true'], brings: 'networkpolicies.networking.k8s.io/my' };
}

/** Every app of the built-in catalog claims to run under it with its defaults. */
const restricted = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

interface Change {
  readonly outcome: string;
  readonly revision: number;
  readonly plan: { readonly counts: Readonly<Record<string, number>> };
}

const catalog = join(import.meta.dirname, '../../catalog');
const apps = readdirSync(catalog, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const sets = (assignments: readonly string[]) => assignments.flatMap((text) => ['--set', text]);

const off = (assignments: readonly string[]) =>
  sets(assignments.filter((text) => text.endsWith('=true')).map((text) => text.replace('=true', '=false')));

test('every app of the catalog has its row', () => {
  expect(Object.keys(changes).sort()).toEqual([...apps].sort());
});

describe('every app, from install to remove', { concurrent: true, timeout: 180_000 }, () => {
  test.for(Object.entries(changes))('%s', async ([app, { set, option, brings }], { expect }) => {
    const namespace = await freshNamespace(restricted);
    const appstore = (...argv: string[]) => cliJson([...argv, '-n', namespace]);

    const installed = (await appstore('install', app, 'my')) as Change;
    expect(installed).toMatchObject({ outcome: 'changed', revision: 1, waited: true });
    expect(await appstore('status', 'my')).toMatchObject({ health: 'healthy' });

    const before = await written(namespace);
    const again = (await appstore('upgrade', 'my')) as Change;
    expect(again).toMatchObject({ outcome: 'unchanged', revision: 1 });
    expect(await written(namespace)).toEqual(before);

    const changed = (await appstore('upgrade', 'my', ...sets([set, ...option]))) as Change;
    expect(changed).toMatchObject({ outcome: 'changed', revision: 2, plan: { counts: { delete: 0 } } });
    expect(changed.plan.counts.create).toBeGreaterThan(0);
    expect(changed.plan.counts.update).toBeGreaterThan(0);
    expect(await names(namespace)).toContain(brings);

    const pruned = (await appstore('upgrade', 'my', ...off(option))) as Change;
    expect(pruned).toMatchObject({ outcome: 'changed', revision: 3 });
    expect(pruned.plan.counts.delete).toBeGreaterThan(0);
    expect(await names(namespace)).not.toContain(brings);
    expect(await appstore('status', 'my')).toMatchObject({ health: 'healthy' });

    expect(await appstore('remove', 'my', '--yes', '--purge-data')).toMatchObject({
      outcome: 'removed',
      left: [],
    });
    const partOf = `applyset.kubernetes.io/part-of=${applySetId(namespace, 'my')}`;
    expect(await names(namespace, partOf)).toEqual([]);
    expect(Object.keys(await written(namespace))).toEqual([]);
    // what controllers made goes a moment later
    await expect.poll(() => names(namespace, 'app.kubernetes.io/instance=my'), slow).toEqual([]);
    await expect.poll(() => contents(namespace), slow).toEqual({});
  });
});

const slow = { timeout: 30_000, interval: 250 };
