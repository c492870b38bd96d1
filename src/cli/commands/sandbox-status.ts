import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { SandboxStatus } from '../../services/sandboxes.ts';
import type { Cli } from '../cli.ts';
import { printResult, type TextStyle } from '../views/print.ts';
import { renderTable } from '../views/table.ts';

/** `appstore sandbox status` */
export async function run(cli: Cli): Promise<undefined> {
  const sandboxes = await cli.context.sandboxes();
  const { sandboxName } = cli.options;
  const items = sandboxName === undefined ? await sandboxes.list() : [await sandboxes.status(sandboxName)];
  const data = { apiVersion, kind: 'SandboxList', items, notice: SANDBOX_NOTICE };
  await printResult(cli, { data, text: (style) => statusText(items, style) });
}

async function statusText(items: readonly SandboxStatus[], style: TextStyle): Promise<string> {
  if (items.length === 0) return 'No sandbox runs. Start one with `appstore sandbox start`.\n';
  const rows = items.map((one) => [one.name, one.condition, one.server ?? '', one.kubeconfig]);
  const columns = [
    { title: 'NAME' },
    { title: 'STATE' },
    { title: 'SERVER' },
    // To be copied: where the row is too wide for the terminal, each cell has a line of its own
    { title: 'KUBECONFIG' },
  ];
  const ended = items.flatMap((one) =>
    one.programs
      .filter((program) => !program.running)
      .map((program) => `${program.name} ended (${program.ended ?? 'unseen'}): ${program.log}`),
  );
  return [await renderTable(columns, rows, style), ...ended, SANDBOX_NOTICE].join('\n');
}
