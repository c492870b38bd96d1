import { resolveApp } from '../../services/browse.ts';
import type { Cli } from '../cli.ts';
import { argument, referenceOf } from '../target.ts';
import { toJson } from '../views/print.ts';
import { defaultValues, valuesFile } from '../views/values-file.ts';

/** `appstore values <app>` */
export async function run(cli: Cli): Promise<undefined> {
  const { options, io } = cli;
  const reference = referenceOf(argument(cli, 0), options.version);
  const { description } = await resolveApp(await cli.context.browse(), reference, io.signal);
  if (options.schema === true) io.stdout.write(`${toJson(description.schema)}\n`);
  else if (options.output === 'json') io.stdout.write(`${toJson(defaultValues(description.schema))}\n`);
  else io.stdout.write(description.valuesText ?? (await valuesFile(description.schema)));
}
