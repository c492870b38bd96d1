import { images } from '../../services/template.ts';
import type { Cli } from '../cli.ts';
import { templateRequest } from '../template-request.ts';
import { imageListView } from '../views/images.ts';
import { printResult } from '../views/print.ts';

/** `appstore images <app>` */
export async function run(cli: Cli): Promise<undefined> {
  const found = await images(await cli.context.browse(), await templateRequest(cli), cli.io.signal);
  await printResult(cli, imageListView(found));
}
