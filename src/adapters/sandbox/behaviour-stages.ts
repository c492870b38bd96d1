import type { JsonObject } from '../../domain/json.ts';
import { SANDBOX_BEHAVIOUR, SANDBOX_DELAY } from '../../domain/sandbox.ts';
import { BEHAVIOURS, type BehaviourStep, type ContainerReport, type ContainerState } from './behaviours.ts';

/** The stages, in kwok's form, of every behaviour. */
export function behaviourStages(): readonly JsonObject[] {
  return Object.entries(BEHAVIOURS).flatMap(([behaviour, steps]: [string, readonly BehaviourStep[]]) =>
    steps.map((step, index) => stage(behaviour, step, index)),
  );
}

function stage(behaviour: string, step: BehaviourStep, index: number): JsonObject {
  const asked = `.metadata.annotations["${SANDBOX_BEHAVIOUR}"] == "${behaviour}"`;
  const delayed = behaviour === 'slow' && index > 0;
  const expressionFrom = `.metadata.annotations["${SANDBOX_DELAY}"]`;
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name: `behaviour-${behaviour}-${index + 1}` },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchExpressions: [
          { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
          { key: '.status.phase', operator: 'In', values: ['Pending', 'Running'] },
          { key: `if ${asked} and (${step.when}) then "yes" else "no" end`, operator: 'In', values: ['yes'] },
        ],
      },
      delay: { durationMilliseconds: step.after, ...(delayed ? { durationFrom: { expressionFrom } } : {}) },
      next: {
        statusTemplate: statusTemplate(step),
        ...(step.event === undefined ? {} : { event: { ...step.event } }),
      },
    },
  };
}

/** A Go template (https://pkg.go.dev/text/template) that renders to the status as YAML. */
function statusTemplate(step: BehaviourStep): string {
  const ready = step.containers.ready === true;
  return [
    '{{ $now := Now }}{{ $pod := . }}',
    `phase: ${step.phase ?? 'Pending'}`,
    'startTime: {{ or .status.startTime $now | Quote }}',
    // Once only: kwok gives out a new address each time, and the patch would add it to the first.
    '{{ if not .status.podIP }}',
    '{{ with NodeIPsWith .spec.nodeName }}hostIP: {{ index . 0 | Quote }}{{ end }}',
    '{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}',
    'podIP: {{ index . 0 | Quote }}',
    'podIPs: [ { ip: {{ index . 0 | Quote }} } ]',
    '{{ end }}{{ end }}',
    'conditions:',
    condition('Initialized', step.initContainers === undefined),
    condition('ContainersReady', ready),
    condition('Ready', ready),
    containers(
      'initContainers',
      step.initContainers ?? { state: { terminated: 'Completed', exitCode: 0 }, ready: true },
    ),
    containers('containers', step.containers),
  ].join('\n');
}

function condition(type: string, met: boolean): string {
  const reason = met ? '' : ', reason: ContainersNotReady, message: "containers with unready status"';
  return `- { type: ${type}, status: "${met ? 'True' : 'False'}", lastTransitionTime: {{ $now | Quote }}${reason} }`;
}

/** `containerStatuses` or `initContainerStatuses` for all containers alike. */
function containers(field: 'containers' | 'initContainers', report: ContainerReport): string {
  const statuses = field === 'containers' ? 'containerStatuses' : 'initContainerStatuses';
  const count = `{{ $restarts := 0 }}{{ with $pod.status.${statuses} }}{{ $restarts = (index . $index).restartCount }}{{ end }}`;
  const started = 'running' in report.state;
  const lines = [
    '- name: {{ .name | Quote }}',
    '  image: {{ .image | Quote }}',
    '  imageID: ""',
    `  ready: ${report.ready === true}`,
    `  started: ${started}`,
    `  restartCount: {{ ${report.restarted === true ? 'add1 $restarts' : 'int $restarts'} }}`,
    `  state: ${state(report.state)}`,
    ...(report.lastState === undefined ? [] : [`  lastState: ${state(report.lastState)}`]),
  ];
  return `{{ with .spec.${field} }}${statuses}:\n{{ range $index, $container := . }}${count}\n${lines.join('\n')}\n{{ end }}{{ end }}`;
}

function state(report: ContainerState): string {
  const now = '{{ $now | Quote }}';
  if ('running' in report) return `{ running: { startedAt: ${now} } }`;
  if ('terminated' in report) {
    const { terminated, exitCode } = report;
    return `{ terminated: { exitCode: ${exitCode}, reason: ${terminated}, startedAt: ${now}, finishedAt: ${now} } }`;
  }
  const message = report.message === undefined ? '' : `, message: {{ ${report.message} | Quote }}`;
  return `{ waiting: { reason: ${report.waiting}${message} } }`;
}
