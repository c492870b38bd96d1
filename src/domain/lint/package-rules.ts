import type { JsonSchema } from '../app.ts';
import { iconOf } from '../icon.ts';
import { isSecretSchema } from '../json-schema.ts';
import type { Hit, LintRule } from './rule.ts';

type PackageRule = Extract<LintRule, { readonly of: 'package' | 'reading' }>;

/** Rules of the package itself. Names are stable; a row is a rule, with its reason. */
export const packageRules: readonly PackageRule[] = [
  {
    of: 'reading',
    name: 'package-valid',
    severity: 'error',
    reason: 'Nobody can install a package that cannot be read.',
    fix: 'Correct it at the place named (docs/packages.md).',
  },
  {
    of: 'reading',
    name: 'folder-named',
    severity: 'error',
    reason: 'A catalog finds an app by the name of its folder.',
    fix: 'Rename the folder, or `metadata.name`.',
  },
  {
    of: 'reading',
    name: 'renders',
    severity: 'error',
    reason:
      '`appstore install` should need no flag; a chart that cannot be rendered without values cannot be looked at further.',
    fix: 'Give defaults. Values that a chart cannot do without can stand in `ci/NAME-values.yaml` for this check.',
  },
  {
    of: 'reading',
    name: 'suppression-used',
    severity: 'warning',
    reason: 'An exception that nothing needs hides the next mistake.',
    fix: 'Take it out of `lint.ignore`.',
  },
  {
    of: 'reading',
    name: 'suppression-known',
    severity: 'error',
    reason: 'An exception for a rule that there is not does nothing.',
    fix: 'Correct the name of the rule (docs/lint.md).',
  },
  {
    of: 'package',
    name: 'readme',
    severity: 'warning',
    reason: 'People read it before they install.',
    fix: 'Write a README.md: what it is, how it is reached, what is worth setting.',
    check: ({ description, format }) =>
      description.readme.trim() === '' ? [{ message: 'there is no README.md', file: headFile(format) }] : [],
  },
  {
    of: 'package',
    name: 'icon',
    severity: 'warning',
    reason: 'A catalog with icons is looked through faster.',
    fix: 'Put an icon.svg into the package and name it as `metadata.icon`.',
    // The icon of a chart is an address, which is never fetched.
    check: ({ description: { metadata }, format }) =>
      format === 'chart' || metadata.icon !== '' ? [] : [{ message: 'there is no icon', path: ['metadata'] }],
  },
  {
    of: 'package',
    name: 'icon-safe',
    severity: 'error',
    reason: 'An SVG may run scripts in the name of the site that serves it: pages leave such an icon out.',
    fix: 'Export it as plain SVG without scripts, styles and links, or as PNG.',
    check: ({ description: { metadata }, files, format }) => {
      const icon = format === 'chart' ? undefined : iconOf(metadata.icon, files);
      return typeof icon === 'string'
        ? [{ message: `the icon cannot be shown: ${icon}`, path: ['metadata', 'icon'] }]
        : [];
    },
  },
  {
    of: 'package',
    name: 'no-default-password',
    severity: 'error',
    reason: 'A password that stands in a catalog is known to everybody.',
    fix: 'Take the default away and let it be made: `x-generate: {length: 24}`.',
    check: ({ description: { schema }, format }) =>
      format === 'chart'
        ? []
        : leaves(schema, ['values'])
            .filter(
              ({ schema: leaf }) =>
                isSecretSchema(leaf) && typeof leaf.default === 'string' && leaf.default !== '',
            )
            .map(({ path }) => ({ message: `\`${named(path)}\` has a default`, path: [...path, 'default'] })),
  },
  {
    of: 'package',
    name: 'values-described',
    severity: 'warning',
    reason: 'Prompts, forms and `appstore values` show these texts; a bare name says little.',
    fix: 'Give it a `title`, and a `description` where that does not say all.',
    check: ({ description: { schema }, format }) =>
      format === 'chart'
        ? []
        : leaves(schema, ['values'])
            .filter(({ schema: leaf }) => leaf.title === undefined && leaf.description === undefined)
            .map(({ path }) => ({ message: `\`${named(path)}\` has no title and no description`, path })),
  },
  {
    of: 'package',
    name: 'described',
    severity: 'warning',
    reason: 'The page of the app and the search live from it.',
    fix: 'Say in `metadata.description` what it is and whom it is for; in a chart in `description`.',
    check: ({ description: { metadata }, format }): readonly Hit[] =>
      (format === 'chart' ? metadata.summary : metadata.description) === ''
        ? [{ message: 'there is no description', path: ['metadata'], file: headFile(format) }]
        : [],
  },
];

function headFile(format: 'app' | 'chart'): string {
  return format === 'app' ? 'app.yaml' : 'Chart.yaml';
}

interface Leaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Every setting of a schema, with its place in app.yaml. */
function leaves(schema: JsonSchema, path: readonly string[]): readonly Leaf[] {
  if (schema.properties === undefined) return path.length > 1 ? [{ path, schema }] : [];
  return Object.entries(schema.properties).flatMap(([name, inner]) =>
    leaves(inner, [...path, 'properties', name]),
  );
}

function named(path: readonly string[]): string {
  return path.filter((_, index) => index > 0 && index % 2 === 0).join('.');
}
