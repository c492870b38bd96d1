import { join } from 'node:path';
import { scaffoldApp } from '../../domain/scaffold.ts';
import type { Cli } from '../cli.ts';
import { argument } from '../target.ts';
import { createdAppView } from '../views/created-app.ts';
import { printResult } from '../views/print.ts';

const usualImage = 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine';

/** `appstore create app <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const { options, context } = cli;
  const name = argument(cli, 0);
  const files = scaffoldApp({ name, image: options.image ?? usualImage, port: options.port ?? 8080 });
  const folder = join(options.out ?? '.', name);
  await (await context.packageFolders()).create(folder, files);
  await printResult(cli, createdAppView({ name, folder, files: Object.keys(files) }));
}
