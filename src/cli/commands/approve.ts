import { AppstoreError } from '../../domain/errors.ts';
import { approvalStates, approve, digestOfKey, newApprovalKey } from '../../services/approval.ts';
import { requireBound, savedContent } from '../../services/saved-content.ts';
import type { Cli } from '../cli.ts';
import { planText, readPlanFile, writeNew, writeWhole } from '../plan-files.ts';
import { privateKey } from '../signing-options.ts';
import { requiredArgument } from '../target.ts';
import { approvalKeyView } from '../views/approval.ts';
import { printResult } from '../views/print.ts';
import { approvalView } from '../views/saved-plan.ts';

/** `appstore approve <file>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, options, context } = cli;
  if (options.newKey !== undefined) return newKey(cli, options.newKey);
  const path = requiredArgument(cli, 0, 'approve file');
  if (options.key === undefined)
    throw new AppstoreError('USAGE', 'an approval needs a key', {
      hint: 'Name it with `--key FILE`; `appstore approve --new-key FILE` makes one.',
    });
  const { file, ...unpacked } = await readPlanFile(io, path);
  // Nothing is signed that cannot be shown.
  requireBound(file, unpacked.plan);
  const content = savedContent(file, unpacked);
  const by = options.as ?? context.holder();
  const at = context.clock.now().toISOString();
  const { pem, passphrase } = await privateKey(cli, options.key);
  const approved = approve(file, { key: pem, by, at, ...(passphrase === undefined ? {} : { passphrase }) });
  await writeWhole(io, path, planText(approved));
  const shown = { ...content, approvals: approvalStates(approved) };
  await printResult(cli, approvalView(approved, shown, options.verbose === true));
}

/** A pair that is written over is lost with all that it has signed: only a new one is made. */
async function newKey(cli: Cli, path: string): Promise<undefined> {
  const { privateKey, publicKey } = newApprovalKey();
  await writeNew(cli.io, [
    { path, text: privateKey, mode: 0o600 },
    { path: `${path}.pub`, text: publicKey, mode: 0o644 },
  ]);
  await printResult(cli, approvalKeyView(path, digestOfKey(publicKey)));
}
