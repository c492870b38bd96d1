import { sarifLog } from '../../domain/lint/sarif.ts';
import { lintFolders } from '../../services/lint.ts';
import type { Cli } from '../cli.ts';
import { programVersion } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { lintView } from '../views/lint.ts';
import { printResult, toJson } from '../views/print.ts';

/** `appstore catalog lint [folders...]` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { io, options, context } = cli;
  const [folders, renderers] = await Promise.all([context.packageFolders(), context.isolatedRenderers()]);
  const asked = cli.args.length === 0 ? ['.'] : cli.args;
  const result = await busy(cli, 'Looking', lintFolders({ folders, renderers }, asked, io.signal));
  if (options.output === 'sarif') io.stdout.write(`${toJson(sarifLog(result.findings, programVersion))}\n`);
  else await printResult(cli, lintView(result));
  const { failOn = 'error' } = options;
  const fails = result.findings.some(
    ({ severity, suppressed }) =>
      suppressed === undefined && (severity === failOn || (failOn === 'warning' && severity === 'error')),
  );
  return fails ? exitCodes.failed : undefined;
}
