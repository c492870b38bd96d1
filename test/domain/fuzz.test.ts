import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseApp } from '../../src/domain/app-yaml.ts';
import { parseCatalogFile } from '../../src/domain/catalog-file.ts';
import { parseChartLock } from '../../src/domain/chart-lock.ts';
import { modernSchema, schemaFaults } from '../../src/domain/chart-schema.ts';
import { parseChartYaml } from '../../src/domain/chart-yaml.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { formatGitReference, parseGitReference } from '../../src/domain/git-reference.ts';
import { parseAssignments, parsePair, parseSecretReference } from '../../src/domain/given.ts';
import { parseHelmIgnore } from '../../src/domain/helm-ignore.ts';
import { renderedOfRelease } from '../../src/domain/helm-manifest.ts';
import { parseHelmRelease } from '../../src/domain/helm-release.ts';
import {
  compareHelmVersions,
  inHelmRange,
  parseHelmRange,
  parseHelmVersion,
} from '../../src/domain/helm-version.ts';
import { readStatement, writeStatement } from '../../src/domain/index-statement.ts';
import { inferSchema } from '../../src/domain/infer-schema.ts';
import { isObject, type Json } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';
import { parseOciReference } from '../../src/domain/oci-reference.ts';
import { parsePlanFile } from '../../src/domain/plan-file.ts';
import { formatReference, parseReference } from '../../src/domain/reference.ts';
import { svgProblem } from '../../src/domain/safe-svg.ts';
import { hasCertificate, readBundle, splitBundles, writeBundle } from '../../src/domain/sigstore-bundle.ts';
import { parseYamlDocument } from '../../src/domain/yaml-source.ts';
import { packageFiles } from '../support/app-files.ts';
import { fuzz } from '../support/fuzz.ts';
import { releaseJson } from '../support/helm-samples.ts';
import { mutate } from '../support/mutate.ts';
import { seeded } from '../support/random.ts';

const chart = `apiVersion: v2
name: web
version: 1.2.3+b.1
appVersion: "9"
description: Serves pages
keywords: [a, b]
maintainers: [{name: Ann, email: ann@example.com}]
annotations: {category: web, polluted: x}
dependencies:
- {name: db, version: ^1, repository: "https://example.com", alias: main, condition: db.enabled}
`;

test('10000 mutated Chart.yaml are read or refused, with a name that can be a folder and a version', () => {
  fuzz({ runs: 10_000, seed: 1, samples: [chart], codes: /^(YAML_INVALID|PACKAGE_INVALID)$/ }, (text) => {
    const { name, version, dependencies } = parseChartYaml(text, './web');
    expect(name).not.toMatch(/[/\\]|^\.{1,2}$|^$/);
    expect(name).not.toMatch(/[\u0000-\u001f\u202e\ufeff]/);
    expect(version).toMatch(/^v?\d/);
    for (const { alias } of dependencies) expect(alias).toMatch(/^[A-Za-z0-9_-]*$/);
  });
});

test('5000 mutated Chart.lock are read or refused', () => {
  const lock = `dependencies:\n- name: db\n  repository: https://example.com\n  version: 1.0.0\ndigest: sha256:${'a'.repeat(64)}\ngenerated: "2026-01-01T00:00:00Z"\n`;
  fuzz({ runs: 5_000, seed: 2, samples: [lock], codes: /^(YAML_INVALID|PACKAGE_INVALID)$/ }, (text) =>
    parseChartLock(text, 'Chart.lock'),
  );
});

test('2000 mutated app.yaml are read or refused', () => {
  const app = readFileSync(new URL('../support/mutated.app.yaml', import.meta.url), 'utf8');
  fuzz(
    {
      runs: 2_000,
      seed: 3,
      samples: [app],
      codes: /^(YAML_INVALID|PACKAGE_INVALID|EXPRESSION_FAILED|RENDER_LIMIT)$/,
    },
    (text) => parseApp(packageFiles({ 'app.yaml': text }), 'p'),
  );
});

test('5000 mutated catalog.yaml are read or refused', () => {
  const text =
    'apiVersion: appstore.dev/v1\nkind: Catalog\ntitle: Apps\napps:\n  wiki:\n    deprecated: use docs\n  web:\n    yanked:\n      1.4.0: loses sessions\n';
  fuzz(
    { runs: 5_000, seed: 4, samples: [text], codes: /^(YAML_INVALID|CATALOG_INVALID|PACKAGE_INVALID)$/ },
    (one) => parseCatalogFile(one, 'catalog.yaml'),
  );
});

test('20000 mutated versions and ranges are read as such, or not', () => {
  const samples = ['1.2.3-rc.1+b.7', 'v1.10', '>=1.2 <2 || ~3.1, !=3.1.4', '^1.2.0-0', '=> 1, =< 2.x'];
  fuzz({ runs: 20_000, seed: 21, samples, codes: /^never$/ }, (text) => {
    const [version, range] = [parseHelmVersion(text), parseHelmRange(text)];
    if (version !== undefined) expect(text).toMatch(/^v?\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?$/);
    if (range !== undefined)
      for (const one of ['1.2.3', '2.0.0-rc.1']) {
        const known = parseHelmVersion(one);
        if (known !== undefined) expect(typeof inHelmRange(known, range)).toBe('boolean');
      }
    expect(compareHelmVersions(text, '1.2.3')).toBe(-compareHelmVersions('1.2.3', text) || 0);
  });
});

test('5000 mutated .helmignore decide of every path, or are refused', () => {
  const samples = ['# a\n.git/\n*.bak\n!keep.yaml\n/templates/[a-c]?.txt\nfiles/*/\n'];
  fuzz({ runs: 5_000, seed: 22, samples, codes: /^PACKAGE_INVALID$/ }, (text) => {
    const ignores = parseHelmIgnore(text, './web');
    for (const path of ['Chart.yaml', 'a/b/c.bak', '.git', 'templates/a1.txt'])
      expect([typeof ignores(path, false), typeof ignores(path, true)]).toEqual(['boolean', 'boolean']);
  });
});

test('5000 mutated files of values are read or refused', () => {
  const samples = ['a: &x {b: [1, 2.50, "c"]}\nd: *x\n"e f": |\n  text\ng: 2026-01-01\nh: 0o17\n'];
  fuzz({ runs: 5_000, seed: 23, samples, codes: /^YAML_INVALID$/ }, (text) => {
    expect(JSON.parse(JSON.stringify(parseYamlDocument(text, 'values.yaml').value ?? null))).toBeDefined();
  });
});

test('3000 mutated values.yaml of charts give a schema that is one', () => {
  const samples = [
    '## @param image.tag The tag\nimage:\n  # -- name of it\n  tag: "1.2"\n  # port: 80\nlist: [a, {b: 1}]\nempty: {}\nnone:\n',
  ];
  fuzz({ runs: 3_000, seed: 24, samples, codes: /^YAML_INVALID$/ }, (text) => {
    const { value } = parseYamlDocument(text, 'values.yaml');
    const schema = inferSchema(text, isObject(value) ? value : {});
    expect(schemaFaults(schema)).toEqual([]);
  });
});

test('5000 mutated signature files hold bundles or none, and statements or none', () => {
  const statement = {
    catalog: 'a/b',
    version: 2,
    issued: '2026-01-01T00:00:00Z',
    expires: '2026-02-01T00:00:00Z',
    digest: `sha256:${'a'.repeat(64)}`,
  };
  const payload = {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from('{}'),
    signature: Buffer.from('x'),
  };
  const samples = [writeBundle(payload, 'aGludA=='), writeStatement(statement)];
  fuzz({ runs: 5_000, seed: 25, samples, codes: /^never$/ }, (text) => {
    const bundles = splitBundles(text);
    for (const one of typeof bundles === 'string' ? [] : bundles) {
      const read = readBundle(one);
      if (typeof read !== 'string') expect(read.payload).toBeInstanceOf(Uint8Array);
      expect(typeof hasCertificate(one)).toBe('boolean');
    }
    const read = readStatement(text);
    if (typeof read !== 'string') {
      expect(read.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(read.version).toBeGreaterThan(0);
    }
  });
});

test('10000 mutated SVG icons draw and do nothing else, or are left out', () => {
  const samples = [
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><defs><path id="a" d="M0 0h1"/></defs><use href="#a" fill="url(#b)"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><g onload="x()"><image href="https://a.example/x"/></g></svg>',
  ];
  fuzz({ runs: 10_000, seed: 26, samples, codes: /^never$/ }, (text) => {
    if (svgProblem(text) !== undefined) return;
    expect(text).not.toMatch(/<(script|image|foreignObject|iframe|!)(?!--)/i);
    expect(text.replace(/<!--[\s\S]*?-->/g, '')).not.toMatch(/\son\w+\s*=|href\s*=\s*["'](?!#)/i);
  });
});

test('20000 mutated references are read the same again when written, or refused', () => {
  const samples = [
    'postgres@>=1.2 <2',
    'builtin/postgres@^1.4',
    './web',
    'https://example.com/a/web-1.2.3.tgz',
    'oci://example.com:5000/a/web:1.2.3',
    `oci://example.com/web@sha256:${'a'.repeat(64)}`,
    'git+https://example.com/a/b.git#v1.2:charts/x',
    'git+ssh://git@example.com/b#main',
  ];
  fuzz({ runs: 20_000, seed: 5, samples, codes: /^USAGE$/ }, (text) => {
    const { text: _, ...reference } = parseReference(text);
    const { text: __, ...again } = parseReference(formatReference(reference));
    expect(again).toEqual(reference);
  });
});

test('20000 mutated addresses of registries and git repositories hold no option, no way out and no secret', () => {
  const next = seeded(6);
  let read = 0;
  for (let run = 0; run < 20_000; run += 1) {
    const git = mutate(
      `git+${['https', 'git', 'ssh'][run % 3]}://example.com:443/a/b.git#v1.2:charts/x`,
      next,
    );
    const found = parseGitReference(git);
    if (typeof found !== 'string') {
      read += 1;
      const { ref = '', path, url } = found;
      const where = new URL(url);
      if (/^-/.test(ref) || /^-/.test(where.hostname) || /^\/+-/.test(where.pathname)) throw new Error(git);
      if (path.split('/').includes('..') || path.startsWith('/') || where.password !== '')
        throw new Error(git);
      if (/[\u0000-\u001f\u202e]/.test(ref + path + url)) throw new Error(git);
      expect(parseGitReference(formatGitReference(found))).toEqual(found);
    }
    const oci = parseOciReference(mutate('oci://example.com:5000/a/web:1.2.3', next));
    if (typeof oci !== 'string' && /\.\.|[^\w./:[\]-]/.test(oci.host + oci.repository))
      throw new Error(JSON.stringify(oci));
  }
  expect(read).toBeGreaterThan(200);
});

test('10000 mutated --set texts are read or refused, and reach no prototype', () => {
  const options = { flag: '--set', typed: true };
  fuzz(
    { runs: 10_000, seed: 7, samples: ['a.b[0]=c,d={x,y},e\\.f=1.10', 'a=secret/db:key'], codes: /^USAGE$/ },
    (text) => {
      for (const { path } of parseAssignments(text, options))
        expect(path.some((step) => step === '__proto__' || step === 'constructor')).toBe(false);
      parsePair(text, '--set-file');
      if (text.startsWith('a=secret')) parseSecretReference(text);
    },
  );
});

test('3000 mutated Helm releases are read or refused, and so are their manifests', () => {
  const sample = JSON.stringify(
    releaseJson({ namespace: 'shop', name: 'web', version: 3, status: 'deployed' }),
  );
  fuzz(
    {
      runs: 3_000,
      seed: 8,
      samples: [sample],
      codes: /^(HELM_|RECORD_|YAML_INVALID|OBJECT_INVALID|PACKAGE_INVALID)/,
    },
    (text) => {
      const release = parseHelmRelease(text, 'Secret/shop/x');
      renderedOfRelease(release, 'Secret/shop/x');
    },
  );
});

test('5000 mutated plan files are read or refused', () => {
  const plan = JSON.stringify({
    apiVersion: 'appstore.dev/v1',
    kind: 'PlanFile',
    formatVersion: 1,
    operation: 'install',
    namespace: 'team',
    name: 'wiki',
    made: { at: '2026-01-01T00:00:00Z', by: 'ann' },
    requireApproval: false,
    bound: { clusterUid: 'u', packageDigest: 'd', basis: '', createNamespace: false, objects: [] },
    nonce: '0123456789abcdef',
    secrets: [{ path: 'password', origin: 'fresh' }],
    content: '',
    approvals: [],
  });
  fuzz({ runs: 5_000, seed: 9, samples: [plan], codes: /^PLAN_INVALID$/ }, (text) => {
    const { nonce, operation } = parsePlanFile(text, 'a.plan');
    expect(nonce).toMatch(/^[\w+/=-]+$/);
    expect(['install', 'upgrade', 'rollback']).toContain(operation);
  });
});

test('5000 mutated schemas of charts decide or tell faults, and end', () => {
  const schema = JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    definitions: { port: { type: 'integer', minimum: 1, maximum: 65_535 } },
    properties: {
      port: { $ref: '#/definitions/port' },
      name: { type: 'string', pattern: '^[a-z]+$', format: 'hostname' },
      list: { type: 'array', items: { anyOf: [{ $ref: '#' }, { enum: [1, 2] }] }, uniqueItems: true },
    },
    required: ['port'],
    additionalProperties: false,
  });
  const next = seeded(10);
  let decided = 0;
  for (let run = 0; run < 5_000; run += 1) {
    const text = mutate(schema, next);
    let written: Json;
    try {
      written = JSON.parse(text) as Json;
    } catch {
      continue;
    }
    if (!isObject(written)) continue;
    try {
      const modern = modernSchema(written);
      schemaFaults(modern);
      validate(modern, { port: 80, name: 'web', list: [1, { port: 2 }] }, { strict: false });
      decided += 1;
    } catch (error) {
      if (!(error instanceof AppstoreError))
        throw new Error(`run ${run}: ${String(error)}\n${text}`, { cause: error });
    }
  }
  expect(decided).toBeGreaterThan(100);
});
