import { parseImage } from '../images.ts';
import { isObject } from '../json.ts';
import { type ContainerView, mapAt, mapsAt, type PodView } from './pod-view.ts';
import type { Hit, LintRule } from './rule.ts';

type PodRule = Extract<LintRule, { readonly of: 'pod' }>;

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/, profile restricted unless told. */
const standards = 'https://kubernetes.io/docs/concepts/security/pod-security-standards/';

/** A rule that looks at one container after the other. The answer is what is wrong with it, where below it. */
function each(
  check: (
    container: ContainerView,
    pod: PodView,
  ) => string | readonly [string, ...(string | number)[]] | undefined,
): PodRule['check'] {
  return (pod) =>
    pod.containers.flatMap((container): Hit[] => {
      const wrong = check(container, pod);
      if (wrong === undefined) return [];
      const [message, ...path] = typeof wrong === 'string' ? [wrong] : wrong;
      return [{ message: `container \`${container.name}\` ${message}`, path: [...container.path, ...path] }];
    });
}

const context = (container: ContainerView) => mapAt(container.spec, 'securityContext');

/** What a container does not say, its pod says for it. */
function either(container: ContainerView, pod: PodView, ...names: readonly string[]): unknown {
  const [last = '', ...first] = [...names].reverse();
  const at = (of: Readonly<Record<string, unknown>>) =>
    mapAt(of, 'securityContext', ...first.reverse())[last];
  return at(container.spec) ?? at(pod.spec);
}

const serving: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function probe(name: string): PodRule['check'] {
  return each((container, { object }) => {
    const asked = serving.has(object.kind) && !container.init && mapsAt(container.spec, 'ports').length > 0;
    return asked && !isObject(container.spec[name]) ? `has ports and no ${name}` : undefined;
  });
}

const imageOf = ({ spec }: ContainerView) => (typeof spec.image === 'string' ? spec.image : '');
const isDigest = (image: string) => /@sha256:[0-9a-f]{64}$/.test(image);
const tagOf = (image: string) => /:([^/:@]+)(?:@|$)/.exec(image)?.[1] ?? '';

/** Rules of pods. Names are stable; a row is a rule, with its reason. */
export const podRules: readonly PodRule[] = [
  {
    of: 'pod',
    name: 'image-pinned',
    severity: 'error',
    reason:
      'What a tag like `latest` stands for changes under who installed it, and no rollback brings it back.',
    fix: 'Name a version (`:1.29.3`) or a digest (`@sha256:...`).',
    check: each((container) => {
      const image = imageOf(container);
      if (image === '') return ['has no image', 'image'];
      const moves = !isDigest(image) && !/\d/.test(tagOf(image));
      return moves ? [`runs \`${image}\`, which is another image tomorrow`, 'image'] : undefined;
    }),
  },
  {
    of: 'pod',
    name: 'image-tag-exact',
    severity: 'warning',
    reason: 'A tag of a major version alone moves with every release.',
    fix: 'Name at least major and minor version, or a digest.',
    check: each((container) => {
      const [image, tag] = [imageOf(container), tagOf(imageOf(container))];
      const moves = !isDigest(image) && /\d/.test(tag) && !/\d+\.\d+|\d{6}|[0-9a-f]{12}/.test(tag);
      return moves ? [`runs \`${image}\`, whose tag moves with every release`, 'image'] : undefined;
    }),
  },
  {
    of: 'pod',
    name: 'image-registry',
    severity: 'warning',
    reason:
      'Nodes may look a short name up in other registries than the author meant (registries.conf of CRI-O and Podman).',
    fix: 'Write the registry out: `docker.io/library/nginx:1.29.3`.',
    check: each((container) => {
      const image = imageOf(container);
      const { registry, rest } = parseImage(image);
      const named = image === '' || image.startsWith(`${registry}/`);
      return named ? undefined : [`runs \`${image}\`: write \`${registry}/${rest}\``, 'image'];
    }),
  },
  {
    of: 'pod',
    name: 'readiness-probe',
    severity: 'error',
    reason:
      'Without it a pod gets requests before it can answer them, and an upgrade is called done that is not.',
    fix: 'Add a `readinessProbe` that asks what the app serves.',
    check: probe('readinessProbe'),
  },
  {
    of: 'pod',
    name: 'liveness-probe',
    severity: 'warning',
    reason: 'A process that hangs is not started again by itself.',
    fix: 'Add a `livenessProbe` that fails only where a restart helps.',
    check: probe('livenessProbe'),
  },
  {
    of: 'pod',
    name: 'resource-requests',
    severity: 'error',
    reason:
      'Without requests the scheduler puts pods where there is no room, and they are the first to be evicted.',
    fix: 'Set `resources.requests` with `cpu` and `memory`.',
    check: each(({ spec }) => {
      const requests = mapAt(spec, 'resources', 'requests');
      const missing = ['cpu', 'memory'].filter((name) => requests[name] === undefined);
      return missing.length === 0 ? undefined : [`requests no ${missing.join(' and no ')}`, 'resources'];
    }),
  },
  {
    of: 'pod',
    name: 'memory-limit',
    severity: 'warning',
    reason: 'A leak takes the memory of everything else on the node.',
    fix: 'Set `resources.limits.memory`.',
    check: each(({ spec }) =>
      mapAt(spec, 'resources', 'limits').memory === undefined
        ? ['has no limit of memory', 'resources']
        : undefined,
    ),
  },
  {
    of: 'pod',
    name: 'run-as-non-root',
    severity: 'error',
    reason: `Root in a container is root on the node where the container is left. ${standards}`,
    fix: 'Set `securityContext.runAsNonRoot: true`, and a `runAsUser` where the image has none.',
    check: each((container, pod) => {
      if (either(container, pod, 'runAsUser') === 0) return ['runs as user 0', 'securityContext'];
      return either(container, pod, 'runAsNonRoot') === true
        ? undefined
        : ['may run as root', 'securityContext'];
    }),
  },
  {
    of: 'pod',
    name: 'no-privilege-escalation',
    severity: 'error',
    reason: `A setuid program in the image could gain rights that the container was not given. ${standards}`,
    fix: 'Set `securityContext.allowPrivilegeEscalation: false`.',
    check: each((container) =>
      context(container).allowPrivilegeEscalation === false
        ? undefined
        : ['may gain further privileges', 'securityContext'],
    ),
  },
  {
    of: 'pod',
    name: 'capabilities-dropped',
    severity: 'error',
    reason: `The capabilities that a runtime gives by itself are more than nearly all programs need. ${standards}`,
    fix: 'Set `securityContext.capabilities.drop: [ALL]`; add back `NET_BIND_SERVICE` alone where it is needed.',
    check: each((container) => {
      const { drop, add } = mapAt(context(container), 'capabilities');
      const added = Array.isArray(add) ? add.filter((name) => name !== 'NET_BIND_SERVICE') : [];
      if (added.length > 0)
        return [`adds the capabilities ${added.join(', ')}`, 'securityContext', 'capabilities'];
      const all = Array.isArray(drop) && drop.includes('ALL');
      return all ? undefined : ['keeps capabilities', 'securityContext'];
    }),
  },
  {
    of: 'pod',
    name: 'seccomp-profile',
    severity: 'error',
    reason: `Without a profile every system call of the kernel is open. ${standards}`,
    fix: 'Set `securityContext.seccompProfile.type: RuntimeDefault` for the pod.',
    check: each((container, pod) => {
      const type = either(container, pod, 'seccompProfile', 'type');
      return type === 'RuntimeDefault' || type === 'Localhost'
        ? undefined
        : ['has no seccomp profile', 'securityContext'];
    }),
  },
  {
    of: 'pod',
    name: 'not-privileged',
    severity: 'error',
    reason: `A privileged container can do what its node can. ${standards}`,
    fix: 'Take `privileged: true` away.',
    check: each((container) =>
      context(container).privileged === true ? ['is privileged', 'securityContext', 'privileged'] : undefined,
    ),
  },
  {
    of: 'pod',
    name: 'no-host-namespaces',
    severity: 'error',
    reason: `The pod sees the processes or the network of its node. ${standards}`,
    fix: 'Take `hostNetwork`, `hostPID` and `hostIPC` away.',
    check: ({ spec, path }) =>
      ['hostNetwork', 'hostPID', 'hostIPC']
        .filter((name) => spec[name] === true)
        .map((name) => ({ message: `the pod has ${name}`, path: [...path, name] })),
  },
  {
    of: 'pod',
    name: 'no-host-path',
    severity: 'error',
    reason: `Files of the node are read or written, and the pod is bound to it. ${standards}`,
    fix: 'Use a claim, an emptyDir or a ConfigMap.',
    check: ({ spec, path }) =>
      mapsAt(spec, 'volumes').flatMap((volume, index) =>
        volume.hostPath === undefined
          ? []
          : [
              {
                message: `volume \`${String(volume.name)}\` is a folder of the node`,
                path: [...path, 'volumes', index],
              },
            ],
      ),
  },
  {
    of: 'pod',
    name: 'no-host-port',
    severity: 'error',
    reason: `Two pods with the same port cannot run on one node. ${standards}`,
    fix: 'Take `hostPort` away; a Service or an Ingress leads to the pod.',
    check: each(({ spec }) => {
      const at = mapsAt(spec, 'ports').findIndex(
        ({ hostPort }) => typeof hostPort === 'number' && hostPort > 0,
      );
      return at < 0 ? undefined : ['takes a port of its node', 'ports', at];
    }),
  },
  {
    of: 'pod',
    name: 'read-only-root',
    severity: 'warning',
    reason: 'Who gets into the container can put programs there.',
    fix: 'Set `securityContext.readOnlyRootFilesystem: true`, with an emptyDir where the app writes.',
    check: each((container) =>
      context(container).readOnlyRootFilesystem === true
        ? undefined
        : ['can write to its root file system', 'securityContext'],
    ),
  },
  {
    of: 'pod',
    name: 'no-service-account-token',
    severity: 'warning',
    reason:
      'Who gets into the pod gets a way into the API server; an app that does not ask for rights does not need one.',
    fix: 'Set `automountServiceAccountToken: false` for the pod.',
    check: ({ spec, path }, { rendered }) => {
      const asks = rendered.objects.some(({ object }) => /^(Cluster)?RoleBinding$/.test(object.kind));
      if (asks || spec.automountServiceAccountToken === false) return [];
      return [{ message: 'the pod gets a token of the API server and the app asks for no rights', path }];
    },
  },
  {
    of: 'pod',
    name: 'no-secret-in-env',
    severity: 'warning',
    reason: 'Whoever may read the workload, which is many, reads the secret.',
    fix: 'Put it into a Secret and refer to it with `valueFrom.secretKeyRef`.',
    check: each(({ spec }) => {
      const at = mapsAt(spec, 'env').findIndex(
        ({ name, value }) =>
          /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY)$/i.test(String(name)) &&
          typeof value === 'string' &&
          value !== '' &&
          !/^(\/|true$|false$|\d+$)|\$\(/.test(value),
      );
      return at < 0
        ? undefined
        : [`has a secret in its variable \`${String(mapsAt(spec, 'env')[at]?.name)}\``, 'env', at];
    }),
  },
];
