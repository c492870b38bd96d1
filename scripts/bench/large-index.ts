import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Words that names, keywords and descriptions are made of. */
const subjects =
  'redis postgres mysql kafka nginx grafana prometheus loki tempo vault consul etcd minio gitlab gitea jenkins argo flux harbor keycloak dex oauth wordpress ghost drupal nextcloud mattermost rocket matrix element jitsi vector fluent elastic opensearch kibana cassandra scylla mongo couch neo4j influx clickhouse druid superset airflow spark flink trino hive zookeeper rabbit nats pulsar temporal camunda'.split(
    ' ',
  );
const roles =
  'server operator cluster exporter proxy gateway agent controller dashboard backup sync bridge worker adapter ha lite stack tools api ui'.split(
    ' ',
  );
const owners = 'acme globex initech umbrella hooli stark wayne wonka cyber tyrell soylent massive'.split(' ');
const verbs =
  'runs stores watches serves collects forwards encrypts replicates schedules renders balances caches'.split(
    ' ',
  );

export interface LargeIndex {
  readonly apps: number;
  readonly versions: number;
}

/**
 * Writes an index.yaml as `helm repo index` would, of so many charts with so many versions: the same each time, about 270 bytes a
 * version as in public indexes.
 */
export async function writeLargeIndex(file: string, { apps, versions }: LargeIndex): Promise<void> {
  const out = createWriteStream(file);
  const write = async (text: string) => {
    if (!out.write(text)) await once(out, 'drain');
  };
  await write('apiVersion: v1\nentries:\n');
  for (let app = 0; app < apps; app += 1) {
    const count = Math.floor(((app + 1) * versions) / apps) - Math.floor((app * versions) / apps);
    await write(entry(app, count));
  }
  await write('generated: "2026-01-01T00:00:00Z"\n');
  out.end();
  await once(out, 'finish');
}

function entry(app: number, count: number): string {
  const pick = (of: readonly string[], by: number) => of[by % of.length] ?? '';
  const [subject, role, owner] = [
    pick(subjects, app),
    pick(roles, Math.floor(app / 60)),
    pick(owners, Math.floor(app / 1200)),
  ];
  const name = app < subjects.length ? subject : `${owner}-${subject}-${role}-${app}`;
  const description = `${subject} ${pick(verbs, app)} ${pick(subjects, app * 7)} for ${owner} with ${pick(roles, app * 3)} number ${app}`;
  const texts = Array.from({ length: count }, (_, index) => {
    const version = `${1 + Math.floor(index / 100)}.${Math.floor(index / 10) % 10}.${index % 10}`;
    const digest = createHash('sha256').update(`${name}-${version}`).digest('hex');
    return `  - apiVersion: v2
    appVersion: "${1 + (index % 30)}.0"
    created: "2026-01-01T00:00:00Z"
    description: ${description}
    digest: ${digest}
    keywords:
    - ${subject}
    - ${role}
    name: ${name}
    urls:
    - https://charts.example.com/${name}-${version}.tgz
    version: ${version}
`;
  });
  return `  ${name}:\n${texts.reverse().join('')}`;
}
