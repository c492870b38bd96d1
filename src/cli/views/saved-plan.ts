import type { Plan } from '../../domain/plan.ts';
import type { PlanFile } from '../../domain/plan-file.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import { approvalOutput } from '../../outputs/approval.ts';
import { changeOutput } from '../../outputs/change.ts';
import { savedPlanOutput } from '../../outputs/saved-plan.ts';
import type { ChangeResult } from '../../services/requests.ts';
import type { SavedContent } from '../../services/saved-content.ts';
import { planText } from './plan.ts';
import { type ResultView, type TextStyle, toYaml } from './print.ts';

/** A saved plan, as its file has it. */
export function savedPlanView(content: SavedContent, verbose: boolean): ResultView {
  const { plan } = content;
  return {
    data: { ...changeOutput(planned(plan), { simulated: false }), saved: savedPlanOutput(content) },
    names: () => [plan.target.name],
    text: (style) => savedText(content, style, verbose),
  };
}

/** The same, after somebody approved it. */
export function approvalView(file: PlanFile, content: SavedContent, verbose: boolean): ResultView {
  return {
    data: { ...approvalOutput(file), saved: savedPlanOutput(content) },
    names: () => [file.name],
    text: (style) => savedText(content, style, verbose),
  };
}

/** A change that is planned and not carried out. */
export function planned(plan: Plan): ChangeResult {
  return { outcome: 'planned', plan, notes: '', outputs: [], open: [], waited: false, generated: [] };
}

/** What is signed has to be seen: what is done, with which values and images, and who has signed it so far. */
async function savedText(content: SavedContent, style: TextStyle, verbose: boolean): Promise<string> {
  return [
    planText(content.plan, { ...style, verbose }),
    '',
    ...(await valueLines(content, style)),
    ...imageLines(content, style),
    ...approvalLines(content, style),
  ].join('\n');
}

async function valueLines({ values, secretRefs }: SavedContent, { palette }: TextStyle): Promise<string[]> {
  const given = Object.keys(values).length === 0 ? '' : cleanText(await toYaml(values), 1_000_000).trimEnd();
  const read = secretRefs.map(({ path, secret, key }) =>
    cleanLine(`${path} is read from secret/${secret}:${key}`),
  );
  if (given === '' && read.length === 0) return [`${palette.bold('Values:')} those of the app, none given`];
  return [
    palette.bold('Values that were given:'),
    ...(given === '' ? [] : given.split('\n').map((line) => `  ${line}`)),
    ...read.map((line) => `  ${line}`),
  ];
}

function imageLines({ images }: SavedContent, { palette }: TextStyle): string[] {
  if (images.length === 0) return [];
  return [palette.bold('Images:'), ...images.map(({ image }) => `  ${cleanLine(image)}`)];
}

function approvalLines({ made, requireApproval, approvals }: SavedContent, { palette }: TextStyle): string[] {
  const asked = requireApproval ? 'It demands an approval.' : 'It demands no approval.';
  return [
    '',
    `Made by ${cleanLine(made.by)} at ${cleanLine(made.at)}. ${asked}${approvals.length === 0 ? ' Nobody has approved it.' : ''}`,
    ...approvals.map(({ by, at, keyDigest, holds }) =>
      holds
        ? palette.green(`Approved by ${cleanLine(by)} at ${cleanLine(at)}, with the key ${keyDigest}.`)
        : palette.red(
            `The approval of ${cleanLine(by)} at ${cleanLine(at)} does not hold: the plan was changed since, or it was made up.`,
          ),
    ),
  ];
}
