import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readAdmin } from './admin.ts';
import { type BuiltRun, buildOnce, startProcess } from './cli.ts';
import { kube, kubeAnswer, testKubeconfig } from './sandbox.ts';

interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Source {
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly name?: string; readonly secretName?: string; readonly optional?: boolean };
  readonly downwardAPI?: object;
  readonly serviceAccountToken?: { readonly path: string };
}

interface PodSpec {
  readonly securityContext: { readonly runAsUser: number };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly (Source & {
    readonly name: string;
    readonly projected?: { readonly sources: readonly Source[] };
  })[];
}

interface PodOptions {
  /** Of its service account, where the pod mounts one. */
  readonly token?: string;
  /** PEM of an authority that the machine believes besides those of Node. */
  readonly ca?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A pod that runs on this machine. */
export interface RunningPod extends BuiltRun {
  readonly address: string;
  readonly metrics: string;
  /** The folder that the image is in. */
  readonly image: string;
  /** Puts another token where the service account has its own, in one step as the kubelet does. */
  rotate(token: string): Promise<void>;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const root = join(import.meta.dirname, '..', '..');

/**
 * Runs the first pod of a Deployment that the API server of the run has, as the kubelet would as far as a process can: what k8s/Containerfile
 * puts into the image and nothing else, which may not be written to; volumes with what the API server has for them; the environment that the
 * manifest says, and the address of the API server; and, where the tests may do that, the user that it names. Paths begin at a folder.
 */
export async function runPod(namespace: string, name: string, options: PodOptions = {}): Promise<RunningPod> {
  const { spec } = (await kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)).spec
    .template as { readonly spec: PodSpec };
  const disk = await mkdtemp(join(tmpdir(), 'appstore-pod-'));
  onTestFinished(async () => {
    await changeModes(disk, (mode) => mode | 0o200);
    await rm(disk, { recursive: true });
  });
  await chmod(disk, 0o755);
  const image = join(disk, 'image');
  await putImage(image);
  const owner = process.getuid?.() === 0 ? spec.securityContext.runAsUser : undefined;
  const volumes = await makeVolumes(join(disk, 'volumes'), spec, namespace, options);
  if (owner !== undefined)
    for (const path of await everythingIn(join(disk, 'volumes'))) await chown(path, owner, owner);

  const start = async (container: Container, more: readonly string[] = []): Promise<BuiltRun> => {
    const here = join(disk, 'roots', container.name);
    await link(image, `${here}/app`);
    for (const mount of container.volumeMounts)
      await link(volumes.get(mount.name) ?? '', `${here}${mount.mountPath}`);
    const env = await environmentOf(container, namespace, options);
    const local = (text: string) =>
      text.replaceAll(/(?<![\w.:/-])\/(?=(app|cache|etc|tmp|var)\b)/g, `${here}/`);
    const expanded = (text: string) => text.replaceAll(/\$\((\w+)\)/g, (_, key: string) => env[key] ?? '');
    const [node, ...argv] = [
      ...(container.command ?? (await entrypoint())),
      ...(container.args ?? []),
      ...more,
    ];
    if (node !== '/nodejs/bin/node') throw new Error(`the image has no ${node}`);
    const { hostname, port } = new URL((await readAdmin(testKubeconfig())).server);
    return startProcess(
      argv.map((text) => local(expanded(text))),
      {
        cwd: image,
        env: {
          ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, local(value)])),
          KUBERNETES_SERVICE_HOST: hostname,
          KUBERNETES_SERVICE_PORT: port,
          APPSTORE_SERVICE_ACCOUNT_FOLDER: local(accountFolder),
          ...(options.ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: join(disk, 'volumes', 'ca.crt') }),
        },
        ...(owner === undefined ? {} : { uid: owner, gid: owner }),
      },
    );
  };

  for (const container of spec.initContainers ?? []) {
    const { code, stderr } = await (await start(container)).done;
    if (code !== 0) throw new Error(`${container.name}: exit ${code}\n${stderr}`);
  }
  const [container] = spec.containers;
  if (container === undefined) throw new Error('a pod without a container');
  // Several pods share the ports of this machine.
  const ports = ['--port=0', '--metrics-port=0', '--listen=127.0.0.1', '--output=json'];
  const run = await start(container, ports);
  onTestFinished(async () => {
    run.kill('SIGKILL');
    await run.done;
  });
  const { address, metrics } = JSON.parse(await run.printed(/^\{$[\s\S]*^\}$/m));
  const rotate = (token: string) => publish(volumes.get('cluster') ?? '', { token });
  return { ...run, address, metrics, image, rotate };
}

/** What the COPY lines of k8s/Containerfile put into the image. */
async function putImage(folder: string): Promise<void> {
  await buildOnce();
  const text = await readFile(join(root, 'k8s', 'Containerfile'), 'utf8');
  await mkdir(folder);
  for (const [, line = ''] of text.matchAll(/^COPY --from=build (.+)$/gm)) {
    const sources = line.split(' ');
    const target = String(sources.pop());
    for (const source of sources) {
      const path = source.replace(/^\/source\//, '');
      // Of a folder its content, of several files each into the folder.
      const place = target.endsWith('/') ? join(folder, target, path) : join(folder, target);
      await cp(join(root, path), place, { recursive: true });
    }
  }
  await changeModes(folder, (mode) => mode & 0o555);
}

async function entrypoint(): Promise<readonly string[]> {
  const text = await readFile(join(root, 'k8s', 'Containerfile'), 'utf8');
  return JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '[]');
}

async function makeVolumes(
  folder: string,
  { volumes }: PodSpec,
  namespace: string,
  { token, ca }: PodOptions,
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  for (const { name, projected, ...single } of volumes) {
    const place = join(folder, name);
    await mkdir(place, { recursive: true });
    const contents = (projected?.sources ?? [single]).map((source) => contentOf(source, namespace, token));
    const files = Object.assign({}, ...(await Promise.all(contents))) as Record<string, string>;
    if (Object.keys(files).length > 0) await publish(place, files);
    made.set(name, place);
  }
  if (ca !== undefined) await writeFile(join(folder, 'ca.crt'), ca);
  return made;
}

/** What the kubelet puts into a volume; nothing where it begins empty. */
async function contentOf(
  { configMap, secret, downwardAPI, serviceAccountToken }: Source,
  namespace: string,
  token: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const path = `/api/v1/namespaces/${namespace}`;
  if (configMap !== undefined) return (await kube('GET', `${path}/configmaps/${configMap.name}`)).data;
  if (secret !== undefined) {
    const { status, body } = await kubeAnswer('GET', `${path}/secrets/${secret.secretName ?? secret.name}`);
    if (status === 404 && secret.optional === true) return {};
    const data = Object.entries(body.data as Record<string, string>);
    return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  }
  if (downwardAPI !== undefined) return { namespace };
  if (serviceAccountToken === undefined) return {};
  if (token === undefined) throw new Error('the pod mounts a token, and none is given');
  return { [serviceAccountToken.path]: token };
}

/** Files of a volume, changed in one step: each is a link by way of one link to the folder that counts. */
async function publish(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const data = join(folder, '..data');
  const before = await readdir(data).catch((): string[] => []);
  const next = await mkdtemp(`${folder}/..`);
  await chmod(next, 0o755);
  for (const name of before) await cp(join(data, name), join(next, name));
  for (const [name, text] of Object.entries(files)) {
    await rm(join(next, name), { force: true });
    await writeFile(join(next, name), text, { mode: 0o444 });
    if (!before.includes(name)) await symlink(join('..data', name), join(folder, name));
  }
  await symlink(next, `${data}_next`);
  await rename(`${data}_next`, data);
}

async function environmentOf(
  { env = [], envFrom = [] }: Container,
  namespace: string,
  options: PodOptions,
): Promise<Readonly<Record<string, string>>> {
  const maps = await Promise.all(
    envFrom.map(({ configMapRef }) =>
      kube('GET', `/api/v1/namespaces/${namespace}/configmaps/${configMapRef.name}`),
    ),
  );
  return Object.assign(
    {},
    ...maps.map(({ data }) => data),
    Object.fromEntries(env.map(({ name, value }) => [name, value])),
    options.env,
  );
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

async function everythingIn(folder: string): Promise<readonly string[]> {
  const paths = await readdir(folder, { recursive: true });
  const all = [folder, ...paths.map((path) => join(folder, path))];
  const links = await Promise.all(all.map(async (path) => (await lstat(path)).isSymbolicLink()));
  return all.filter((_, at) => links[at] === false);
}

async function changeModes(folder: string, change: (mode: number) => number): Promise<void> {
  for (const path of await everythingIn(folder)) await chmod(path, change((await lstat(path)).mode));
}
