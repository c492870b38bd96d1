import type { PackageFile } from '../app.ts';
import { appFile } from '../app-file.ts';
import { chartFile } from '../chart-file.ts';
import { readChartMetadata } from '../chart-yaml.ts';
import type { PathStep } from '../given.ts';
import { parseHelmYaml } from '../helm-yaml.ts';
import { isObject, type Json } from '../json.ts';
import { parseYamlDocument } from '../yaml-source.ts';

/** An exception that a package makes, with its reason. */
export interface Suppression {
  readonly rule: string;
  readonly reason: string;
  /** `Kind/name` with `*`; any object where absent. */
  readonly object?: string;
  /** Where it stands. */
  readonly file: string;
  readonly path: readonly PathStep[];
}

/** In a chart, an annotation `appstore.dev/lint-ignore.RULE: reason` of Chart.yaml. */
const annotation = 'appstore.dev/lint-ignore.';

/** The exceptions that a package makes. Its files were read before, so they can be. */
export function suppressionsOf(files: readonly PackageFile[]): readonly Suppression[] {
  const app = textOf(files, appFile);
  if (app !== undefined) return ofApp(parseYamlDocument(app, appFile).value);
  const chart = textOf(files, chartFile);
  if (chart === undefined) return [];
  const { annotations } = readChartMetadata(parseHelmYaml(chart, chartFile));
  return Object.entries(annotations)
    .filter(([name]) => name.startsWith(annotation))
    .map(([name, reason]) => ({
      rule: name.slice(annotation.length),
      reason,
      file: chartFile,
      path: ['annotations', name],
    }));
}

function ofApp(value: Json): readonly Suppression[] {
  const lint = isObject(value) && isObject(value.lint) ? value.lint : {};
  return (Array.isArray(lint.ignore) ? lint.ignore : []).flatMap((entry, index): Suppression[] => {
    if (!isObject(entry) || typeof entry.rule !== 'string' || typeof entry.reason !== 'string') return [];
    const object = typeof entry.object === 'string' ? { object: entry.object } : {};
    return [
      { rule: entry.rule, reason: entry.reason, ...object, file: appFile, path: ['lint', 'ignore', index] },
    ];
  });
}

/** True where an exception is made for a finding. `object` is `Kind/name` as rendered for `installation`. */
export function suppresses(
  { rule, object }: Suppression,
  finding: { readonly rule: string; readonly object?: string },
  installation: string,
): boolean {
  if (rule !== finding.rule) return false;
  if (object === undefined) return true;
  const pattern = object.replaceAll('${name}', installation).split('*').map(escapePattern).join('.*');
  return finding.object !== undefined && new RegExp(`^${pattern}$`).test(finding.object);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function textOf(files: readonly PackageFile[], path: string): string | undefined {
  const file = files.find((one) => one.path === path);
  return file === undefined ? undefined : new TextDecoder().decode(file.content);
}
