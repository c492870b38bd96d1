import type { JsonObject } from '../json.ts';
import type { Finding } from './lint.ts';
import type { LintRule } from './rule.ts';
import { lintRules } from './rules.ts';

/**
 * Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code hosts read it. Files are relative to where the command
 * ran, absolute ones are `file:` addresses.
 */
export function sarifLog(findings: readonly Finding[], version: string): JsonObject {
  const driver = {
    name: 'appstore',
    semanticVersion: version,
    rules: lintRules.map(ruleDescriptor),
  };
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results: findings.map(resultOf) }],
  };
}

function ruleDescriptor({ name, severity, reason, fix }: LintRule): JsonObject {
  return {
    id: name,
    shortDescription: { text: reason },
    help: { text: fix },
    defaultConfiguration: { level: severity },
  };
}

function resultOf({
  rule,
  severity,
  message,
  fix,
  file,
  line,
  column,
  object,
  suppressed,
}: Finding): JsonObject {
  const region = { startLine: line, startColumn: column };
  const logical =
    object === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: object, kind: 'resource' }] };
  return {
    ruleId: rule,
    ruleIndex: lintRules.findIndex(({ name }) => name === rule),
    level: severity,
    message: { text: `${message}. ${fix}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region }, ...logical }],
    ...(suppressed === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: suppressed }] }),
  };
}

function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
