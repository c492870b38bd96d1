import type { Sandboxes } from '../../services/sandboxes.ts';
import { type SandboxSite, startSandbox } from './start.ts';
import { listSandboxes, sandboxStatus } from './status.ts';
import { stopSandbox } from './stop.ts';

/** The sandboxes of the user on this machine. */
export function localSandboxes(site: SandboxSite): Sandboxes {
  const { folders } = site;
  return {
    start: (request) => startSandbox({ ...request, ...site }),
    stop: (name, signal) => stopSandbox({ name, folders, signal }),
    status: (name) => sandboxStatus(name, folders),
    list: () => listSandboxes(folders),
  };
}
