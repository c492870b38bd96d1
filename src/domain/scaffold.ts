import { AppstoreError } from './errors.ts';
import { parseImage } from './images.ts';

export interface ScaffoldRequest {
  readonly name: string;
  /** With a tag that does not move. */
  readonly image: string;
  /** That the container listens on. */
  readonly port: number;
}

/**
 * The files of a new app, by path: a web server with one setting of its own, probes, requests and the restricted security profile. It
 * passes `catalog lint` without a finding.
 *
 * @throws AppstoreError NAME_INVALID; USAGE for an image without a tag that does not move
 */
export function scaffoldApp({ name, image, port }: ScaffoldRequest): Readonly<Record<string, string>> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40)
    throw new AppstoreError('NAME_INVALID', `\`${name.slice(0, 80)}\` is no name of an app.`, {
      hint: 'Use lower-case letters, digits and single hyphens, at most 40, a letter first.',
    });
  const { registry, rest } = parseImage(image);
  const tag = /:([A-Za-z0-9_][A-Za-z0-9._-]{0,127})(?:@sha256:[0-9a-f]{64})?$/.exec(rest)?.[1] ?? '';
  if (!/^[a-z0-9][a-z0-9./_-]*:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?$/.test(rest) || !/\d+\.\d+/.test(tag))
    throw new AppstoreError('USAGE', `\`${image.slice(0, 200)}\` names no version`, {
      hint: 'Give an image with a tag that does not move, such as `ghcr.io/acme/web:1.4.2`.',
    });
  const title = name
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' ');
  const appVersion = /\d+\.\d+(?:\.\d+)*/.exec(tag)?.[0] ?? tag;
  const facts = { name, title, appVersion, port, image: `${registry}/${rest}` };
  return { 'README.md': readme(facts), 'app.yaml': appYaml(facts), 'icon.svg': icon(title) };
}

interface Facts {
  readonly name: string;
  readonly title: string;
  readonly appVersion: string;
  readonly image: string;
  readonly port: number;
}

function appYaml({ name, title, appVersion, image, port }: Facts): string {
  const labels = `{app.kubernetes.io/name: ${name}, app.kubernetes.io/instance: "\${name}"}`;
  return `apiVersion: appstore.dev/v1
kind: App
metadata:
  name: ${name}
  version: 0.1.0
  appVersion: "${appVersion}"
  title: ${title}
  summary: What ${title} does, in one line
  description: |
    What ${title} is, and whom it is for.
  category: other
  license: Apache-2.0
  home: https://example.com
  icon: icon.svg

# What a user may set. The schema checks it, and documents it: \`appstore values ./${name}\`.
values:
  type: object
  properties:
    replicas:
      type: integer
      minimum: 1
      maximum: 10
      default: 1
      title: Pods that run side by side
    image:
      type: string
      format: image
      default: ${image}
      title: Image
      x-advanced: true
    resources:
      type: object
      x-advanced: true
      properties:
        requests:
          type: object
          properties:
            cpu: {type: string, format: quantity, default: 50m, title: CPU request}
            memory: {type: string, format: quantity, default: 64Mi, title: Memory request}
        limits:
          type: object
          properties:
            memory: {type: string, format: quantity, default: 256Mi, title: Memory limit}

# Kubernetes manifests. \${...} holds expressions (CEL), never text that becomes YAML.
resources:
  - apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: "\${name}"
      labels: ${labels}
    spec:
      replicas: "\${values.replicas}"
      selector:
        matchLabels: ${labels}
      template:
        metadata:
          labels: ${labels}
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            runAsUser: 1000
            seccompProfile: {type: RuntimeDefault}
          containers:
            - name: ${name}
              image: "\${values.image}"
              ports:
                - {name: http, containerPort: ${port}}
              readinessProbe:
                httpGet: {path: /, port: http}
              livenessProbe:
                httpGet: {path: /, port: http}
                periodSeconds: 30
                failureThreshold: 6
              resources: "\${values.resources}"
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: {drop: [ALL]}
              volumeMounts:
                - {name: tmp, mountPath: /tmp}
          volumes:
            - name: tmp
              emptyDir: {}

  - apiVersion: v1
    kind: Service
    metadata:
      name: "\${name}"
      labels: ${labels}
    spec:
      selector: ${labels}
      ports:
        - {name: http, port: 80, targetPort: http}

open:
  - {title: ${title}, service: {name: "\${name}", port: http}}

notes: |
  ${title} is reached inside the cluster at http://\${name}.\${namespace}.svc
`;
}

function readme({ name, title }: Facts): string {
  return `# ${title}

What it is, in a sentence or two.

    appstore install ${name}
    appstore open ${name}

## Values of note

| Value | What it does |
|---|---|
| \`replicas\` | pods that run side by side |
`;
}

function icon(title: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="${title}">
  <rect width="64" height="64" rx="14" fill="#3b6ea5"/>
  <path d="M18 24l14-8 14 8v16l-14 8-14-8zM18 24l14 8 14-8M32 32v16" fill="none" stroke="#fff" stroke-width="4" stroke-linejoin="round"/>
</svg>
`;
}
