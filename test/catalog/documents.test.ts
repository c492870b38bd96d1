import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apps, catalogFolder, describeApp, leaves, readme, render, workloads } from './packages.ts';

/** An address, or for what this repository makes itself a file of it. */
function isPage(text: string): boolean {
  const own = /`([^`]*)` of this repository/.exec(text)?.[1];
  return own === undefined ? text.includes('https://') : existsSync(join(catalogFolder, '..', own));
}

test('the catalog has the apps that people look for', () => {
  expect(apps.length).toBeGreaterThanOrEqual(12);
  expect(apps).toEqual(
    expect.arrayContaining([
      'postgres',
      'mariadb',
      'valkey',
      'rabbitmq',
      'gitea',
      'vaultwarden',
      'uptime-kuma',
    ]),
  );
  expect(apps).toEqual(expect.arrayContaining(['grafana', 'n8n', 'nextcloud', 'wordpress', 'whoami']));
});

describe.each(apps)('%s', (app) => {
  test('says what it is', async () => {
    const { metadata } = await describeApp(app);
    expect(metadata.name).toBe(app);
    for (const text of [
      metadata.title,
      metadata.summary,
      metadata.description,
      metadata.license,
      metadata.home,
    ]) {
      expect(text).not.toBe('');
    }
    expect(metadata.keywords.length).toBeGreaterThan(0);
  });

  test('every value has a title or a description', async () => {
    const { schema } = await describeApp(app);
    const silent = leaves(schema).filter(({ schema: leaf }) => (leaf.title ?? leaf.description ?? '') === '');
    expect(silent.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('has a small icon of its own, without scripts or links', async () => {
    const { metadata } = await describeApp(app);
    const icon = readFileSync(join(catalogFolder, app, metadata.icon), 'utf8');
    expect(icon.length).toBeLessThan(2_000);
    expect(icon).toMatch(/^<svg [^>]*viewBox="0 0 64 64"/);
    expect(icon).not.toMatch(/<script|<image|href|on\w+=|url\(/i);
  });

  test('its README says against which upstream page each setting was checked', async () => {
    const text = readme(app);
    expect(text).toContain('| Setting | Value | Checked against (upstream page) |');
    expect(text).toContain('manifests verified, images not run');
    const rows = text.split('\n').filter((line) => /^\| (Image|User|Port|Probe|Path|Data)/i.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(3);
    const table = text.slice(text.indexOf('| Setting |'));
    const { objects } = await render(app);
    const images = new Set(JSON.stringify(objects).match(/"image":"[^"]+"/g));
    expect(images.size).toBeGreaterThan(0);
    for (const image of images) expect(table).toContain(image.slice('"image":"'.length, -1));
    const pages = table.split('\n').flatMap((row) => /^\| .* \| (.*) \|$/.exec(row)?.[1] ?? []);
    expect(pages.slice(1).filter((page) => !isPage(page))).toEqual([]);
  });

  test('its README lists every variable that it sets, but those of its own scripts', async () => {
    const rendered = await render(app);
    const text = readme(app);
    const table = text.slice(text.indexOf('| Setting |'));
    const listed = [...table.matchAll(/[A-Z][A-Z0-9_]+\*?/g)].map(([name]) => name);
    const own = JSON.stringify(rendered.objects.map(({ object }) => object));
    const containers = workloads(rendered).flatMap(({ pod }) => [
      ...(pod.initContainers ?? []),
      ...pod.containers,
    ]);
    const unlisted = containers
      .flatMap(({ env = [] }) => env.map(({ name }) => name))
      .filter((name) => !new RegExp(`\\$\\{?${name}\\b|getenv \\w+ ${name}\\b`).test(own))
      .filter(
        (name) =>
          !listed.includes(name) &&
          !listed.some((row) => row.endsWith('*') && name.startsWith(row.slice(0, -1))),
      );
    expect(unlisted).toEqual([]);
  });

  test('where a volume has a fixed size, the value says so', async () => {
    const { schema } = await describeApp(app);
    const sizes = leaves(schema).filter(({ path }) => path.at(-2) === 'storage' && path.at(-1) === 'size');
    for (const { schema: size } of sizes) expect(size.description).toMatch(/[Ff]ixed once installed/);
  });
});
