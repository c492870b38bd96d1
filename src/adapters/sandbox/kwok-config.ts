import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../domain/json.ts';
import { SANDBOX_NOTICE } from '../../domain/sandbox.ts';
import { behaviourStages } from './behaviour-stages.ts';
import type { SandboxLayout } from './layout.ts';

const KWOK = 'kwok.x-k8s.io/v1alpha1';

/** Lines in the form of the container runtime interface: time, stream, F for a full line, text. */
const criLines = (time: Date, lines: readonly string[]): string =>
  lines.map((line) => `${time.toISOString()} stdout F ${line}\n`).join('');

const LOG = [SANDBOX_NOTICE, 'starting', 'listening', 'ready'];
const PREVIOUS_LOG = [SANDBOX_NOTICE, 'starting', 'fatal: simulated crash', 'exiting with code 1'];

/** What a forwarded port answers: an HTTP page, whatever port is asked for. */
const PAGE = `<!doctype html><title>appstore sandbox</title><p>${SANDBOX_NOTICE}</p>\n`;

/**
 * Writes kwok's configuration: the stages of the assets, the log lines of every container and the answer of every port.
 * It is fixed when kwok starts. kwok could also watch objects of the cluster for it, but then an app that somebody tries here
 * could name a command for this machine to run or a file to show.
 */
export async function writeKwokConfig(layout: SandboxLayout, assets: string): Promise<void> {
  const now = new Date();
  const logs = {
    current: join(layout.logs, 'containers.txt'),
    previous: join(layout.logs, 'containers-previous.txt'),
  };
  await writeFile(logs.current, criLines(now, LOG), { mode: 0o600 });
  await writeFile(logs.previous, criLines(now, PREVIOUS_LOG), { mode: 0o600 });
  const stages = join(assets, 'stages');
  const files = (await readdir(stages)).filter((file) => file.endsWith('.yaml')).sort();
  const documents = await Promise.all(files.map((file) => readFile(join(stages, file), 'utf8')));
  const generated = [...behaviourStages(), logsObject(logs), portsObject()].map(
    (object) => `${JSON.stringify(object)}\n`,
  );
  await writeFile(join(layout.folder, 'kwok.yaml'), [...documents, ...generated].join('---\n'), {
    mode: 0o600,
  });
}

function logsObject(files: { current: string; previous: string }): JsonObject {
  return {
    apiVersion: KWOK,
    kind: 'ClusterLogs',
    metadata: { name: 'every-container' },
    spec: { logs: [{ logsFile: files.current, previousLogsFile: files.previous, follow: false }] },
  };
}

function portsObject(): JsonObject {
  const head = `HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nContent-Length: ${PAGE.length}\\r\\nConnection: close\\r\\n\\r\\n`;
  return {
    apiVersion: KWOK,
    kind: 'ClusterPortForward',
    metadata: { name: 'every-port' },
    // The request line is read first, so that the answer does not come before the question.
    spec: { forwards: [{ command: ['sh', '-c', `read -r line; printf '${head}%s' "$0"`, PAGE] }] },
  };
}
