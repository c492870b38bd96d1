import { template } from '../../services/template.ts';
import type { Cli } from '../cli.ts';
import { templateRequest } from '../template-request.ts';
import { paletteFor } from '../views/color.ts';
import { problemLines } from '../views/error.ts';
import { printResult, tell } from '../views/print.ts';
import { manifestView } from '../views/stored.ts';

/** `appstore template <app> [name]` */
export async function run(cli: Cli): Promise<undefined> {
  const rendered = await template(await cli.context.browse(), await templateRequest(cli), cli.io.signal);
  const palette = await paletteFor(cli.io, cli.io.stderr, cli.options);
  for (const problem of rendered.problems) tell(cli, problemLines(problem, palette).join('\n'));
  const view = manifestView(rendered.objects.map(({ object }) => object));
  // YAML is the stream of documents that kubectl reads, not a List.
  const { output, ...options } = cli.options;
  await printResult({ ...cli, options: output === 'json' ? { ...options, output } : options }, view);
}
