import { describe, expect, it } from 'vitest';
import { plain } from '../../src/cli/views/color.ts';
import { whyView } from '../../src/cli/views/why.ts';
import { LOCAL_CATALOG } from '../../src/domain/catalog-names.ts';
import type { WhyReport } from '../../src/services/requests.ts';
import { record, ref, whyReport } from '../docs/samples.ts';

const style = { palette: plain, width: 100, wide: false, now: new Date('2026-01-02T04:04:05Z') };
const real = { simulated: false };
const textOf = (report: WhyReport) => whyView(report, real).text(style);
const pod = { ...ref, group: '', kind: 'Pod', name: 'wiki-1' };

describe('why, for people', () => {
  it('names cause, root, evidence, what to try, and how the newest revision failed', () => {
    const { failed: _failed, ...report } = whyReport;
    const other = { ref, cause: 'NOT_READY', reason: '0/1 ready', evidence: [], affects: [] } as const;
    const diagnosis = { ...report.diagnosis, findings: [...(report.diagnosis?.findings ?? []), other] };
    expect(textOf({ ...report, diagnosis, problems: [] } as WhyReport)).toBe(
      [
        'wiki in namespace team: unhealthy',
        'CRASH_LOOP  A container ends again and again soon after it starts.',
        '',
        'Pod/team/wiki-1: container wiki keeps ending',
        '  not healthy because of it: Deployment/team/wiki',
        '  log of Deployment/team/wiki:',
        '    starting',
        '    no database',
        '',
        'To try: Read the last lines of its log in the evidence; most often a value, a Secret or something it',
        '        connects to is wrong.',
        '  appstore logs wiki Deployment/wiki -n team --previous',
        '  appstore upgrade wiki -n team --set PATH=VALUE',
        '',
        'Not healthy either:',
        '  Deployment/team/wiki: 0/1 ready (NOT_READY)',
      ].join('\n'),
    );
  });

  it('asks for the location again where the app came from none of the catalogs', async () => {
    const missing = { ...ref, name: 'wiki' };
    const finding = { ref: missing, cause: 'MISSING', reason: 'gone', evidence: [], affects: [] } as const;
    const { failed: _failed, ...report } = whyReport;
    const text = await textOf({
      ...report,
      record: { ...record, catalog: LOCAL_CATALOG },
      diagnosis: { at: '', cause: 'MISSING', message: 'gone', findings: [finding] },
    } as WhyReport);
    expect(text).toContain('  appstore upgrade wiki LOCATION -n team');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'LOCATION is the folder, archive or address that it was installed from.',
    );
  });

  it('says of a revision when it failed, and of one that did not that it did not', () => {
    const { health: _health, failed: _failed, ...stored } = whyReport;
    expect(textOf({ ...stored, source: 'record' })).toMatch(
      /^wiki in namespace team, revision 2, failed 60m ago\n/,
    );
    expect(textOf({ record, source: 'record', revision: 1, problems: [] })).toBe(
      'wiki in namespace team, revision 1\nThis revision did not fail.',
    );
  });

  it('points to what was found where the newest revision failed and all is well', () => {
    const { diagnosis: _diagnosis, ...well } = { ...whyReport, health: 'healthy' as const, problems: [] };
    const text = textOf(well);
    expect(text).toContain('Nothing is wrong');
    expect(text).toContain('Revision 2 failed (CRASH_LOOP): the container ends');
    expect(text).toContain('appstore why wiki -n team --revision 2');
  });

  it('tells what else is to be known apart from what to try', () => {
    const { failed: _failed, ...report } = whyReport;
    const problems = [{ message: 'install begun 3m ago is not finished' }];
    expect(textOf({ ...report, problems })).toMatch(
      /PATH=VALUE\n\n {2}- install begun 3m ago is not finished$/,
    );
  });

  it('is not called healthy where nothing could be read', () => {
    const finding = {
      ref,
      cause: 'FORBIDDEN',
      reason: 'you may not read it',
      evidence: [],
      affects: [],
    } as const;
    const diagnosis = { at: '', cause: 'FORBIDDEN', message: finding.reason, findings: [finding] } as const;
    const text = textOf({ record, source: 'live', revision: 2, health: 'healthy', diagnosis, problems: [] });
    expect(text).toMatch(/^wiki in namespace team: not all of it may be read\n/);
  });

  it('writes nothing to the screen but text, whatever a record holds', () => {
    const hostile = 'x\u001b]0;title\u0007\u001b[2Jy';
    const line = { ref: { ...pod, name: hostile }, source: 'log', text: `a\n${hostile}` } as const;
    const finding = {
      ref: line.ref,
      cause: 'CRASH_LOOP',
      reason: hostile,
      evidence: [line],
      affects: [line.ref],
    } as const;
    const diagnosis = {
      at: hostile,
      cause: 'CRASH_LOOP',
      message: hostile,
      findings: [finding, finding],
    } as const;
    const report = { ...whyReport, diagnosis, problems: [{ message: hostile }] };
    expect(textOf(report)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
