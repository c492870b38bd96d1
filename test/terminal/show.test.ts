import { expect, it } from 'vitest';
import { appView } from '../../src/cli/views/apps.ts';
import { plain } from '../../src/cli/views/color.ts';
import { fixtureCatalog, fixtureRenderer } from '../support/fixture-app.ts';

it('marks among the versions of an app those that were taken back', async () => {
  const app = { version: '0.1.0', objects: () => [] };
  const catalog = fixtureCatalog(() => app);
  const resolved = await catalog.resolve({ text: 'fixture', name: 'fixture' });
  if (resolved === undefined) throw new Error('no fixture');
  const { files } = await catalog.open(resolved);
  const description = await fixtureRenderer(() => app).describe(files, 'test');
  const { metadata } = description;
  const versions = [{ ...metadata, version: '0.2.0', yanked: 'loses data' }, metadata];
  const style = { palette: plain, width: 100, wide: false, now: new Date('2026-01-02T04:04:05Z') };
  const text = appView({ resolved, description, versions }).text(style);
  expect(text).toMatch(/^Versions: +0\.2\.0 \(taken back\), 0\.1\.0$/m);
});
