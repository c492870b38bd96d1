import { resolveApp } from '../../services/browse.ts';
import type { Cli } from '../cli.ts';
import { argument, referenceOf } from '../target.ts';
import { toJson, toYaml } from '../views/print.ts';
import { defaultValues, valuesFile } from '../views/values-file.ts';

/** `appstore values <app>` */
export async function run(cli: Cli): Promise<undefined> {
  const { options, io } = cli;
  const reference = referenceOf(argument(cli, 0), options.version);
  const { description } = await resolveApp(await cli.context.browse(), reference, io.signal);
  const { schema, valuesText } = description;
  if (options.schema === true)
    io.stdout.write(options.output === 'yaml' ? await toYaml(schema) : `${toJson(schema)}\n`);
  else if (options.output === 'json') io.stdout.write(`${toJson(defaultValues(schema))}\n`);
  else io.stdout.write(valuesText ?? (await valuesFile(schema)));
}
