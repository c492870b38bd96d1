import { expect, test } from 'vitest';
import { appYamlRenderer } from '../../../src/adapters/render/app-yaml.ts';
import { appFiles, packageFiles, renderRequest } from '../../support/app-files.ts';

const files = appFiles('resources: [{apiVersion: v1, kind: X, metadata: {name: "${name}"}}]');
const nothing = async () => undefined;

test('a package is its by app.yaml', () => {
  const renderer = appYamlRenderer();
  expect(renderer.accepts(files)).toBe(true);
  expect(renderer.accepts(packageFiles({ 'Chart.yaml': '', 'charts/app.yaml': '' }))).toBe(false);
});

test('describes and renders, without looking anything up', async () => {
  const renderer = appYamlRenderer();
  expect((await renderer.describe(files, 'c/web')).metadata.title).toBe('Web');
  const asked: unknown[] = [];
  const rendered = await renderer.render(
    files,
    'c/web',
    renderRequest(),
    async (ref) => void asked.push(ref),
  );
  expect(rendered.objects.map(({ object }) => object.metadata.name)).toEqual(['shop']);
  expect(asked).toEqual([]);
});

test('one package under two names: errors name the one that was asked for', async () => {
  const renderer = appYamlRenderer();
  const bad = appFiles('resources: [{apiVersion: v1, kind: X, metadata: {name: "${nam}"}}]');
  await renderer.describe(bad, 'one');
  await expect(renderer.render(bad, 'two', renderRequest(), nothing)).rejects.toThrow('two/app.yaml:5:');
  await expect(renderer.render(bad, 'one', renderRequest(), nothing)).rejects.toThrow('one/app.yaml:5:');
});

test('stops before it begins where nobody waits any more', async () => {
  const rendering = appYamlRenderer().render(files, 'c/web', renderRequest(), nothing, AbortSignal.abort());
  await expect(rendering).rejects.toThrow('abort');
});
