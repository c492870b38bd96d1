import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { installationEvents } from '../../src/services/installation-events.ts';
import { followLogs, type LogLine, type LogRequest, readLogs } from '../../src/services/logs.ts';
import type { GivenOptions } from '../../src/services/requests.ts';
import { why } from '../../src/services/why.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const secret = 'hunter2-hunter2';
const schema = {
  type: 'object',
  properties: { password: { type: 'string', format: 'password' } },
} as const;

const container = (name: string) => ({ name, image: 'web:1' });
const pod = (name: string, spec: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec,
});

const logs = {
  'shop/one-a/web': `listening\n\npassword=${secret}\n`,
  'shop/one-a/side': 'side',
  'shop/one-a/prepare': 'prepared',
  'shop/one-b/web': 'again',
  'shop/one-b/web previous': `fell over with ${Buffer.from(secret).toString('base64')}`,
};

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: ChangeHarness;
  readonly request: LogRequest;
}

const signal = new AbortController().signal;
const state = (name: string, how: object, more: object = {}) => ({ name, state: how, ...more });

const byValue: GivenOptions = { values: { password: secret }, secretRefs: [] };
const byReference: GivenOptions = {
  values: {},
  secretRefs: [{ path: 'password', secret: 'outside', key: 'token' }],
};

/** Two pods: one runs, one crashes. */
async function world(given: GivenOptions = byValue): Promise<World> {
  const cluster = createMemoryCluster({ logs });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const objects = () => [
    pod('one-a', {
      initContainers: [container('prepare')],
      containers: [container('web'), container('side')],
    }),
    pod('one-b', { containers: [container('web')] }),
    deployment('one-web'),
  ];
  const app = { version: '1.0.0', schema, objects };
  const harness = changeHarness({ cluster, namespace: 'shop', name: 'one', app });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'outside', namespace: 'shop' },
    data: { token: Buffer.from(secret).toString('base64') },
  });
  await harness.install({ wait: false, given });
  const ref = (name: string) => ({ group: '', version: 'v1', kind: 'Pod', namespace: 'shop', name });
  const done = state('prepare', { terminated: { exitCode: 0 } });
  const containerStatuses = [state('web', { running: {} }), state('side', { running: {} })];
  const conditions = [{ type: 'Ready', status: 'True' }];
  cluster.setStatus(ref('one-a'), {
    ...{ phase: 'Running', conditions, initContainerStatuses: [done], containerStatuses },
  });
  const lastState = { terminated: { exitCode: 1, reason: 'Error' } };
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
  cluster.setStatus(ref('one-b'), {
    phase: 'Running',
    containerStatuses: [state('web', waiting, { restartCount: 1, lastState })],
  });
  return { cluster, harness, request: { namespace: 'shop', name: 'one', tailLines: 100, previous: false } };
}

interface Read {
  readonly lines: string[];
  readonly problems: string[];
  readonly line: (line: LogLine, several: boolean) => void;
  readonly problem: (problem: { readonly message: string }) => void;
  readonly pending: () => void;
}

function reader(): Read {
  const [lines, problems]: [string[], string[]] = [[], []];
  return {
    lines,
    problems,
    line: (one, several) => lines.push(`${several ? `${one.pod}/${one.container} ` : ''}${one.text}`),
    problem: ({ message }) => problems.push(message),
    pending: () => {},
  };
}

describe('logs', () => {
  it('are of all containers of all pods, init containers that are through left out, secrets masked (row 24)', async () => {
    const { harness, request } = await world();
    const read = reader();
    expect(await readLogs(harness.deps, request, read, signal)).toBe(3);
    expect(read.lines).toEqual([
      'one-a/web listening',
      'one-a/web ',
      'one-a/web password=********',
      'one-a/side side',
      'one-b/web again',
    ]);
    expect(read.problems).toEqual([]);
  });

  it('mask what comes from a Secret of the user, too (row 24)', async () => {
    const { harness, request } = await world(byReference);
    const read = reader();
    await readLogs(harness.deps, { ...request, object: 'Pod/one-a', container: 'web' }, read, signal);
    expect(read.lines.at(-1)).toBe('password=********');
  });

  const chosen: readonly (readonly [string, Partial<LogRequest>, readonly string[]])[] = [
    ['one pod', { object: 'pod/one-b' }, ['again']],
    ['a container', { container: 'side' }, ['side']],
    ['an init container by name', { container: 'prepare' }, ['prepared']],
    ['the run before', { object: 'Pod/one-b', previous: true }, ['fell over with ********']],
    ['the last lines', { object: 'Pod/one-a', container: 'web', tailLines: 2 }, ['password=********']],
    ['what has no pods', { object: 'Deployment/one-web' }, []],
  ];
  it.each(chosen)('of %s', async (_name, more, lines) => {
    const { harness, request } = await world();
    const read = reader();
    await readLogs(harness.deps, { ...request, ...more }, read, signal);
    expect(read.lines).toEqual(lines);
  });

  const unknown: readonly (readonly [string, Partial<LogRequest>, RegExp])[] = [
    ['an object', { object: 'Deployment/two' }, /has no Deployment\/two; it has .*Pod\/one-a/],
    ['a word that is no object', { object: 'one-web' }, /has no one-web/],
    ['a container', { container: 'db' }, /no pod has a container db; there are prepare, web, side/],
  ];
  it.each(unknown)('of %s that is not there are refused with what there is', async (_name, more, message) => {
    const { harness, request } = await world();
    await expect(readLogs(harness.deps, { ...request, ...more }, reader(), signal)).rejects.toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      message: expect.stringMatching(message),
    });
  });

  it('who may not read logs is told so', async () => {
    const { cluster, harness, request } = await world();
    const user = cluster.as('reader', (question) => question.subresource !== 'log');
    await expect(
      readLogs({ ...harness.deps, cluster: user }, request, reader(), signal),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('a log that cannot be read hides no other', async () => {
    const { cluster, harness, request } = await world();
    const { AppstoreError } = await import('../../src/domain/errors.ts');
    const gone = new AppstoreError('API_ERROR', 'the node does not answer');
    cluster.fail((one) => one.verb === 'log' && one.name === 'one-a', gone);
    const read = reader();
    await readLogs(harness.deps, request, read, signal);
    expect(read.lines).toEqual(['one-b/web again']);
    expect(read.problems[0]).toMatch(/Pod\/shop\/one-a container web: the node does not answer/);
  });

  it('are followed until the signal, masked', async () => {
    const { harness, request } = await world();
    const stop = new AbortController();
    const read = reader();
    const line: Read['line'] = (one, several) => {
      read.line(one, several);
      if (read.lines.length === 5) stop.abort();
    };
    await followLogs(harness.deps, request, { ...read, line }, stop.signal);
    expect([...read.lines].sort()).toEqual([
      'one-a/side side',
      'one-a/web ',
      'one-a/web listening',
      'one-a/web password=********',
      'one-b/web again',
    ]);
  });
});

describe('why', () => {
  it('shows no secret that a log quotes (row 24)', async () => {
    const { harness, request } = await world();
    const report = await why(harness.deps, request, signal);
    expect(report.diagnosis?.cause).toBe('CRASH_LOOP');
    const text = JSON.stringify(report.diagnosis);
    expect(text).toContain('fell over with ********');
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  });

  it('tells the root first, and what only waits behind it', async () => {
    const { harness, request } = await world();
    const { diagnosis } = await why(harness.deps, request, signal);
    expect(diagnosis?.findings.map(({ ref, cause }) => [ref.kind, cause])).toEqual([
      ['Pod', 'CRASH_LOOP'],
      ['Deployment', 'NOT_READY'],
    ]);
  });
});

describe('events', () => {
  const event = (kind: string, name: string, message: string, at: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${at.slice(-3, -1)}`, namespace: 'shop' },
    involvedObject: { apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1', kind, name, namespace: 'shop' },
    reason: 'Something',
    message,
    type: 'Warning',
    lastTimestamp: at,
  });

  it('are those of its objects and of what belonged to them, newest last, masked and cleaned', async () => {
    const { cluster, harness, request } = await world();
    const at = (second: number) => `2026-01-02T03:04:${second}Z`;
    const events = [
      event('Deployment', 'one-web', `with ${secret}`, at(30)),
      event('Pod', 'one-web-7fd6ccc5fb-tfm5j', 'of a pod that is gone', at(20)),
      event('ReplicaSet', 'one-web-7fd6ccc5fb', 'a\u001b[2Jb', at(10)),
      event('Pod', 'one-a', 'of a pod', at(40)),
      event('Deployment', 'two', 'of another app', at(50)),
      event('Pod', 'one-web-api-7fd6ccc5fb-tfm5j', 'of a neighbour', at(55)),
    ];
    for (const one of events) await cluster.create(one);
    const report = await installationEvents(harness.deps, request, signal);
    expect(report.events.map(({ message }) => message)).toEqual([
      'ab',
      'of a pod that is gone',
      'with ********',
      'of a pod',
    ]);
  });
});
