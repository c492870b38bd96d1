import { cleanText } from '../../domain/text.ts';
import { showApp } from '../../services/browse.ts';
import type { Cli } from '../cli.ts';
import { argument, referenceOf } from '../target.ts';
import { tellOld } from '../tell-old.ts';
import { appView } from '../views/apps.ts';
import { printResult } from '../views/print.ts';

/** `appstore show <app>` */
export async function run(cli: Cli): Promise<undefined> {
  const reference = referenceOf(argument(cli, 0), cli.options.version);
  const deps = await cli.context.browse();
  const app = await showApp(deps, reference, cli.io.signal);
  const view = appView(app);
  const { readme } = app.description;
  await printResult(
    cli,
    cli.options.readme === true ? { ...view, text: () => cleanText(readme, Number.MAX_SAFE_INTEGER) } : view,
  );
  await tellOld(
    cli,
    deps.catalogs.filter(({ name }) => name === app.resolved.catalog),
  );
}
