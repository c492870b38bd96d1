import { describe, expect, test } from 'vitest';
import type { AppMetadata } from '../../src/domain/app.ts';
import { rankApps } from '../../src/domain/search.ts';

const app = (name: string, rest: Partial<AppMetadata> = {}): AppMetadata => ({
  name,
  version: '1.0.0',
  appVersion: '1',
  title: name,
  summary: '',
  description: '',
  category: 'other',
  keywords: [],
  license: 'MIT',
  home: 'https://example.com',
  sources: [],
  maintainers: [],
  icon: '',
  ...rest,
});

const apps = [
  app('postgres', { title: 'PostgreSQL', category: 'databases', keywords: ['sql', 'database'] }),
  app('mariadb', { title: 'MariaDB', category: 'databases', keywords: ['mysql', 'sql'] }),
  app('grafana', { title: 'Grafana', category: 'monitoring', summary: 'Dashboards for metrics' }),
  app('uptime-kuma', { title: 'Uptime Kuma', category: 'monitoring', keywords: ['status page'] }),
  app('gitea', {
    title: 'Gitea',
    category: 'development',
    description: 'Keeps its data in a postgres database.',
  }),
];
const names = (text: string, category?: string) =>
  rankApps(apps, { text, ...(category === undefined ? {} : { category }) }).map((hit) => hit.app.name);

describe('rankApps', () => {
  test.each([
    ['', ['gitea', 'grafana', 'mariadb', 'postgres', 'uptime-kuma']],
    ['postgres', ['postgres', 'gitea']],
    ['POSTGRES', ['postgres', 'gitea']],
    ['post', ['postgres', 'gitea']],
    ['sql', ['mariadb', 'postgres']],
    ['mysql', ['mariadb']],
    ['kuma', ['uptime-kuma']],
    ['status', ['uptime-kuma']],
    ['dashboard', ['grafana']],
    ['monitoring', ['grafana', 'uptime-kuma']],
    ['sql database', ['postgres']],
    ['postgrse', ['postgres']],
    ['grafnaa', ['grafana']],
    ['uptine', ['uptime-kuma']],
    ['nosuchthing', []],
    ['postgres nosuchthing', []],
    ['!!', ['gitea', 'grafana', 'mariadb', 'postgres', 'uptime-kuma']],
  ])('%j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test('keeps to a category', () => {
    expect(names('', 'Databases')).toEqual(['mariadb', 'postgres']);
    expect(names('grafana', 'databases')).toEqual([]);
  });

  test('short words are not taken for typing mistakes', () => {
    expect(rankApps([app('n8n')], { text: 'n9n' })).toEqual([]);
  });
});
