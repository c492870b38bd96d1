import { apiVersion } from '../../outputs/api-version.ts';
import type { Cli } from '../cli.ts';
import { programVersion } from '../context.ts';
import { printResult } from '../views/print.ts';

/** `appstore version` */
export async function run(cli: Cli): Promise<undefined> {
  const data = { apiVersion, kind: 'Version', version: programVersion, node: process.version };
  await printResult(cli, { data, text: () => `appstore ${programVersion} (Node.js ${process.version})\n` });
}
