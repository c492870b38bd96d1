import { describe, expect, test } from 'vitest';
import type { Options } from '../../src/cli/options.ts';
import { createProgress } from '../../src/cli/progress/progress.ts';
import { createAsker } from '../../src/cli/prompts/asker.ts';
import type { AppMetadata } from '../../src/domain/app.ts';
import type { Asker, MissingValue } from '../../src/services/requests.ts';
import { createTestClock } from '../support/clock.ts';
import { plannedObject, ref, samplePlan } from '../support/sample-plan.ts';
import { type TestTerminal, testTerminal } from '../support/terminal.ts';

const app = { name: 'blog', title: 'Blog' } as AppMetadata;
const random = { bytes: (count: number) => new Uint8Array(count).fill(1) };
const enter = '\r';

async function asker(terminal: TestTerminal, options: Options = {}): Promise<Asker> {
  const progress = await createProgress(terminal.io, options, { clock: createTestClock(), plan: true });
  const made = createAsker({ io: terminal.io, options, random, progress });
  if (made === undefined) throw new Error('nobody can be asked');
  return made;
}

function missing(path: string, schema: MissingValue['schema'], secret = false): MissingValue {
  return { path, schema, secret };
}

describe('who is asked', () => {
  test.each<[string, { tty: boolean }, Options, boolean]>([
    ['a terminal', { tty: true }, {}, true],
    ['no terminal', { tty: false }, {}, false],
    ['a terminal with --no-input', { tty: true }, { input: false }, false],
  ])('%s', async (_name, given, options, expected) => {
    const { io } = testTerminal(given);
    const progress = await createProgress(io, options, { clock: createTestClock(), plan: true });
    expect(createAsker({ io, options, random, progress }) !== undefined).toBe(expected);
  });
});

describe('values', () => {
  test('each by its type, checked while it is typed, on stderr alone', async () => {
    const terminal = testTerminal();
    const answers = (await asker(terminal)).values(
      [
        missing('site.host', { type: 'string', title: 'Host' }),
        missing('replicas', { type: 'integer', minimum: 1 }),
        missing('ratio', { type: 'number' }),
        missing('tls', { type: 'boolean' }),
        missing('size', { type: 'string', enum: ['small', 'large'] }),
      ],
      app,
    );
    await terminal.answer('Host (site.host):', `example.org${enter}`);
    await terminal.answer('replicas:', `0${enter}`);
    await terminal.answer('at least 1', `\u007f3${enter}`);
    await terminal.answer('ratio:', `1.5${enter}`);
    await terminal.answer('tls:', `y${enter}`);
    await terminal.answer('size:', `\u001b[B${enter}`);
    expect(await answers).toEqual({
      site: { host: 'example.org' },
      replicas: 3,
      ratio: 1.5,
      tls: true,
      size: 'large',
    });
    expect(terminal.stdout()).toBe('');
  });

  test('a list is said to be one, and nothing is said twice', async () => {
    const terminal = testTerminal();
    const described = { title: 'Who gets mail', description: 'Who gets mail.', type: 'array' } as const;
    const told = {
      title: 'Host',
      description: 'The name under which it is reached',
      type: 'string',
    } as const;
    const answers = (await asker(terminal)).values(
      [missing('mail.to', described), missing('host', told)],
      app,
    );
    await terminal.answer('(mail.to), with commas between:', `me, you${enter}`);
    await terminal.answer('Host (host):', `a${enter}`);
    expect(await answers).toEqual({ mail: { to: ['me', 'you'] }, host: 'a' });
    expect(terminal.stderr()).not.toContain('Who gets mail.');
    expect(terminal.stderr()).toContain('The name under which it is reached');
  });

  test('a password is not shown', async () => {
    const terminal = testTerminal();
    const answers = (await asker(terminal)).values([missing('auth.password', { type: 'string' }, true)], app);
    await terminal.answer('auth.password', `hunter2-hunter2${enter}`);
    expect(await answers).toEqual({ auth: { password: 'hunter2-hunter2' } });
    expect(terminal.stderr()).not.toContain('hunter2');
  });

  test('a password that does not fit is not shown either', async () => {
    const terminal = testTerminal();
    const schema = { type: 'string', pattern: '^[a-z]+$' };
    const answers = (await asker(terminal)).values([missing('password', schema, true)], app);
    await terminal.answer('password', `HUNTER22${enter}`);
    await terminal.answer('it ', `\u0015hunter${enter}`);
    expect(await answers).toEqual({ password: 'hunter' });
    expect(terminal.stderr()).not.toContain('HUNTER');
  });

  test('an empty password is made', async () => {
    const terminal = testTerminal();
    const answers = (await asker(terminal)).values(
      [missing('password', { type: 'string', maxLength: 16 }, true)],
      app,
    );
    await terminal.answer('empty has one made:', enter);
    expect((await answers).password).toMatch(/^[A-Za-z0-9]{16}$/);
  });

  test('text of the package is cleaned', async () => {
    const terminal = testTerminal();
    const title = 'Host\u001b]0;evil\u0007';
    const answers = (await asker(terminal)).values([missing('host', { type: 'string', title })], app);
    await terminal.answer('Host (host):', `a${enter}`);
    await answers;
    expect(terminal.stderr()).not.toContain('evil');
  });

  test.each(['\u0003', 'abort'])('%j ends the question', async (how) => {
    const terminal = testTerminal();
    const answers = (await asker(terminal)).values([missing('host', { type: 'string' })], app);
    const ended = expect(answers).rejects.toThrow();
    if (how === 'abort') {
      await terminal.answer('host:', '');
      terminal.stop.abort();
    } else await terminal.answer('host:', how);
    await ended;
  });
});

describe('whether to go on', () => {
  const upgrade = samplePlan({ objects: [plannedObject({ ref: ref('Secret', 'db'), action: 'create' })] });
  const destroys = samplePlan({ objects: [plannedObject({ ref: ref('Secret', 'db'), action: 'delete' })] });
  const removal = { ...destroys, operation: 'remove' as const };

  test.each([
    ['harmless, enter is yes', upgrade, enter, true],
    ['harmless, n', upgrade, `n${enter}`, false],
    ['something is deleted, enter is no', destroys, enter, false],
    ['something is deleted, y', destroys, `y${enter}`, true],
  ])('%s', async (_name, plan, typed, expected) => {
    const terminal = testTerminal();
    const answer = (await asker(terminal)).confirm(plan);
    await terminal.answer('Go on?', typed);
    expect(await answer).toBe(expected);
    expect(terminal.stderr()).toContain('Secret/demo/db');
  });

  test('--yes answers it, unasked', async () => {
    const terminal = testTerminal();
    expect(await (await asker(terminal, { yes: true })).confirm(removal)).toBe(true);
    expect(terminal.stderr()).toBe('');
  });

  test.each<[string, Options, string, boolean]>([
    ['enter is no', { yes: true }, enter, false],
    ['y', { yes: true }, `y${enter}`, true],
  ])(
    'what the record has beyond the namespace is asked for, --yes or not: %s',
    async (_name, options, typed, expected) => {
      const beyond = [{ ref: ref('ClusterRole', 'db', ''), reason: 'it is of the whole cluster' }];
      const terminal = testTerminal();
      const answer = (await asker(terminal, options)).confirm({ ...upgrade, operation: 'rollback', beyond });
      await terminal.answer('Go on?', typed);
      expect(await answer).toBe(expected);
      expect(terminal.stderr()).toContain('ClusterRole/db: it is of the whole cluster');
    },
  );

  test('and is not with --allow-cluster-scope', async () => {
    const beyond = [{ ref: ref('ClusterRole', 'db', ''), reason: 'it is of the whole cluster' }];
    const terminal = testTerminal();
    const told = await asker(terminal, { yes: true, allowClusterScope: true });
    expect(await told.confirm({ ...upgrade, beyond })).toBe(true);
    expect(terminal.stderr()).toBe('');
  });

  test.each([
    ['db', true],
    ['yes', false],
    ['', false],
  ])('data goes only where its name is typed, --yes or not: %j', async (typed, expected) => {
    const terminal = testTerminal();
    const answer = (await asker(terminal, { yes: true, purgeData: true })).confirm(removal);
    await terminal.answer('Type `db` to go on:', `${typed}${enter}`);
    expect(await answer).toBe(expected);
  });
});

describe('a field that another manager holds (row 7)', () => {
  const conflict = { manager: 'kubectl-edit\u001b[2K', field: '.spec.replicas', ours: 1, theirs: 5 };

  test.each([
    ['enter alone writes nothing', enter, 'abort'],
    ['one up', `\u001b[A${enter}`, 'yield'],
    ['two up', `\u001b[A\u001b[A${enter}`, 'take'],
  ])('%s', async (_name, typed, expected) => {
    const terminal = testTerminal();
    const answer = (await asker(terminal)).conflict(ref('Deployment', 'web'), conflict);
    await terminal.answer('Deployment/demo/web: .spec.replicas is held by kubectl-edit', '');
    await terminal.answer('take: the value of the app, 1', '');
    await terminal.answer('yield: leave it as it is, 5', typed);
    expect(await answer).toBe(expected);
    expect(terminal.stdout()).toBe('');
  });
});

test.each([
  ['enter alone leaves it', enter, false],
  ['y', `y${enter}`, true],
])(
  'an object that exists already becomes part of the app only on a yes, --yes or not (row 18): %s',
  async (_name, typed, expected) => {
    const terminal = testTerminal();
    const why = 'Secret/demo/db: exists already; it has no owner';
    const answer = (await asker(terminal, { yes: true })).adopt(ref('Secret', 'db'), why);
    await terminal.answer(`${why}. Make it part of the app?`, typed);
    expect(await answer).toBe(expected);
  },
);

describe('Ctrl-D in an empty line ends a question as Ctrl-C does', () => {
  const plan = samplePlan({ objects: [plannedObject({ ref: ref('Service', 'db'), action: 'replace' })] });
  const conflict = { manager: 'kubectl-edit', field: '.spec.replicas', ours: 1, theirs: 5 };
  const values = (schema: MissingValue['schema']) => (asks: Asker) =>
    asks.values([missing('a', schema)], app) as Promise<unknown>;

  test.each<[string, (asks: Asker) => Promise<unknown>]>([
    ['and go on?', (asks) => asks.confirm(plan)],
    ['is held by', (asks) => asks.conflict(ref('Service', 'db'), conflict)],
    ['Make it part', (asks) => asks.adopt(ref('Service', 'db'), 'Service/demo/db: exists already')],
    ['Sure?', (asks) => asks.goOn?.('Sure?') as Promise<unknown>],
    ['a:', values({ type: 'string' })],
    ['a:', values({ type: 'boolean' })],
    ['a, hidden', values({ type: 'string', format: 'password' })],
    ['a:', values({ type: 'string', enum: ['x', 'y'] })],
  ])('%s', async (shown, ask) => {
    const terminal = testTerminal();
    const answer = expect(ask(await asker(terminal))).rejects.toThrow(/Prompt was aborted/);
    await terminal.answer(shown, '\u0004');
    await answer;
  });

  test('and is nothing in a line with a text', async () => {
    const terminal = testTerminal();
    const answer = (await asker(terminal)).values([missing('a', { type: 'string' })], app);
    await terminal.answer('a:', `ab\u0004c${enter}`);
    expect(await answer).toEqual({ a: 'abc' });
  });
});

test('an answer that is neither yes nor no goes out of the line again', async () => {
  const terminal = testTerminal();
  const plan = samplePlan({ objects: [plannedObject({ ref: ref('Service', 'db'), action: 'create' })] });
  const answer = (await asker(terminal)).confirm(plan);
  await terminal.answer('Go on? (Y/n)', `maybe${enter}`);
  await terminal.answer('You must answer with "yes" or "no"', `n${enter}`);
  expect(await answer).toBe(false);
});

describe('objects that are deleted to be made anew (row 9)', () => {
  const replacing = (kind: string) =>
    samplePlan({ objects: [plannedObject({ ref: ref(kind, 'db'), action: 'replace' })] });

  test.each([
    [enter, false],
    [`y${enter}`, true],
  ])('have a question of their own: %j', async (typed, expected) => {
    const terminal = testTerminal();
    const answer = (await asker(terminal)).confirm(replacing('Service'));
    await terminal.answer('Delete Service/demo/db, make it anew, and go on?', typed);
    expect(await answer).toBe(expected);
  });

  test('with data in them are confirmed by name, --yes or not', async () => {
    const terminal = testTerminal();
    const answer = (await asker(terminal, { yes: true })).confirm(replacing('PersistentVolumeClaim'));
    await terminal.answer('Type `db` to go on:', `yes${enter}`);
    expect(await answer).toBe(false);
  });
});
