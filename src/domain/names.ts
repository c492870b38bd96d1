import { AppstoreError, type Problem } from './errors.ts';
import { isObject, type Json } from './json.ts';
import { displayId, type KubeObject, refOf } from './objects.ts';

/** Names of installations end where Helm's do, so that names made of them still fit a label. */
const installationNameLimit = 53;

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelValueLimit = 63;
/** Sum of keys and values (apimachinery `TotalAnnotationSizeLimitB`). */
const annotationLimit = 256 * 1024;

type NameForm = 'subdomain' | 'label' | 'path segment';

interface NameRule {
  readonly form: NameForm;
  readonly limit: number;
  readonly reason: string;
}

const anyName: NameRule = {
  form: 'subdomain',
  limit: 253,
  reason: 'names are DNS subdomains (apimachinery NameIsDNSSubdomain)',
};

const pathSegment: NameRule = {
  form: 'path segment',
  limit: 253,
  reason: 'RBAC names are path segments: `system:node` is one (kubernetes pkg/apis/rbac/validation)',
};

/** Kinds whose names are shorter or of another form than most. */
const nameRules: Readonly<Record<string, NameRule>> = {
  '/Namespace': { form: 'label', limit: 63, reason: 'it is a part of host names of services' },
  '/Service': { form: 'label', limit: 63, reason: 'it is a host name' },
  'apps/StatefulSet': {
    form: 'subdomain',
    limit: 52,
    reason:
      'its pods carry the label controller-revision-hash=<name>-<10 characters> (kubernetes issue 64023)',
  },
  'apps/Deployment': {
    form: 'subdomain',
    limit: 242,
    reason: 'its ReplicaSets are called <name>-<10 characters>',
  },
  'apps/DaemonSet': {
    form: 'subdomain',
    limit: 242,
    reason: 'its ControllerRevisions are called <name>-<10 characters>',
  },
  'batch/CronJob': {
    form: 'subdomain',
    limit: 52,
    reason: 'its Jobs are called <name>-<10 digits> (kubernetes pkg/apis/batch/validation)',
  },
  'batch/Job': { form: 'subdomain', limit: 63, reason: 'its pods carry the label job-name=<name>' },
  'rbac.authorization.k8s.io/Role': pathSegment,
  'rbac.authorization.k8s.io/RoleBinding': pathSegment,
  'rbac.authorization.k8s.io/ClusterRole': pathSegment,
  'rbac.authorization.k8s.io/ClusterRoleBinding': pathSegment,
};

const forms: Readonly<Record<NameForm, { readonly fits: (name: string) => boolean; readonly says: string }>> =
  {
    subdomain: {
      fits: (name) => dnsSubdomain.test(name),
      says: 'lower-case letters, digits, hyphens and dots, beginning and ending with a letter or digit',
    },
    label: {
      fits: (name) => dnsLabel.test(name),
      says: 'lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
    },
    'path segment': {
      fits: (name) => name !== '.' && name !== '..' && !/[/%]/.test(name),
      says: 'anything but `/`, `%`, `.` and `..`',
    },
  };

/** What is wrong with a name of an installation; undefined where it is good. */
export function checkInstallationName(name: string): Problem | undefined {
  if (name.length <= installationNameLimit && dnsLabel.test(name)) return undefined;
  return {
    message: `"${name.slice(0, 80)}" is not a name for an installation: at most ${installationNameLimit} ${forms.label.says}`,
    hint: `for example \`${suggestInstallationName(name)}\``,
  };
}

/** Throws NAME_INVALID for a name that cannot be the name of an installation. */
export function requireInstallationName(name: string): void {
  refuse(checkInstallationName(name));
}

/** Throws NAME_INVALID for a name that cannot be the name of a namespace. */
export function requireNamespaceName(name: string): void {
  refuse(checkNamespaceName(name));
}

function refuse(problem: Problem | undefined): void {
  if (problem === undefined) return;
  const { message, hint } = problem;
  throw new AppstoreError('NAME_INVALID', message, hint === undefined ? {} : { hint });
}

/** What is wrong with the name of a namespace; undefined where it is good. */
export function checkNamespaceName(name: string): Problem | undefined {
  if (name.length <= 63 && dnsLabel.test(name)) return undefined;
  return { message: `"${name}" is not a name for a namespace: at most 63 ${forms.label.says}` };
}

/** A good name for an installation made of any text, for example of the name of an app. */
export function suggestInstallationName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, installationNameLimit)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'app' : name;
}

function checkName(rule: NameRule, name: string): string | undefined {
  if (name === '') return 'it has no metadata.name';
  if (name.length > rule.limit) {
    return `its name has ${name.length} characters, ${rule.limit} are allowed: ${rule.reason}`;
  }
  const form = forms[rule.form];
  return form.fits(name) ? undefined : `its name may hold only ${form.says}`;
}

function checkLabelKey(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && (prefix.length > 253 || !dnsSubdomain.test(prefix))) {
    return `"${prefix}" is not a DNS name`;
  }
  if (name.length > 63) return `the name after the slash has ${name.length} characters, 63 are allowed`;
  return qualifiedName.test(name)
    ? undefined
    : 'a key holds letters, digits, `-`, `_`, `.`, and begins and ends with a letter or digit';
}

function checkLabelValue(value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return 'the value is not a string';
  if (value.length > labelValueLimit) {
    return `the value has ${value.length} characters, ${labelValueLimit} are allowed`;
  }
  return value === '' || qualifiedName.test(value)
    ? undefined
    : 'a value holds letters, digits, `-`, `_`, `.`, and begins and ends with a letter or digit';
}

/** Where labels stand that Kubernetes checks, as paths. */
const labelPlaces: readonly (readonly string[])[] = [
  ['metadata', 'labels'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels'],
];

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function labelProblems(object: KubeObject): string[] {
  return labelPlaces.flatMap((path) => {
    const labels = at(object, path);
    if (!isObject(labels)) return [];
    return Object.entries(labels).flatMap(([key, value]) => {
      const problem = checkLabelKey(key) ?? checkLabelValue(value);
      return problem === undefined ? [] : [`label ${key} at .${path.join('.')}: ${problem}`];
    });
  });
}

function annotationProblems(object: KubeObject): string[] {
  const annotations = Object.entries(object.metadata.annotations ?? {});
  const size = annotations.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  const keys = annotations.flatMap(([key]) => {
    const problem = checkLabelKey(key.toLowerCase());
    return problem === undefined ? [] : [`annotation ${key}: ${problem}`];
  });
  return size > annotationLimit ? [...keys, `its annotations have ${size} bytes, 262144 are allowed`] : keys;
}

/**
 * What Kubernetes would refuse in names, labels and annotations, or what its controllers would fail on later. Every problem
 * at once; `at` is the object.
 */
export function checkObject(object: KubeObject): Problem[] {
  const ref = refOf(object);
  const rule = nameRules[`${ref.group}/${ref.kind}`] ?? anyName;
  const name = checkName(rule, ref.name ?? '');
  const problems = [
    ...(name === undefined ? [] : [name]),
    ...labelProblems(object),
    ...annotationProblems(object),
  ];
  return problems.map((message) => ({ message, at: displayId(ref) }));
}
