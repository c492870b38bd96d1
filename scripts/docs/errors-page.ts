import { exitCodes } from '../../src/cli/exit-codes.ts';
import { causeCodes } from '../../src/domain/causes.ts';
import { errorCodes } from '../../src/domain/error-codes.ts';
import { cell, page, table } from './markdown.ts';

/** docs/errors.md: every error code and every cause code, with meaning and fix. */
export function errorsPage(): string {
  return page([
    '# Errors',
    'Made from `src/domain/error-codes.ts` and `src/domain/causes.ts` by `npm run docs`. Codes are stable: none is ever renamed.',
    'An error is written to stderr. With `-o json` or `-o yaml` it is one JSON object ([outputs.md](outputs.md#error)). The exit code follows from the category of the error; every one is listed in [cli.md](cli.md#exit-codes).',
    '## Error codes',
    table(['Code', 'Exit', 'Meaning', 'What to do'], Object.entries(errorCodes).map(errorRow)),
    '## Cause codes',
    'Why an object is not healthy, or a revision failed: the field `cause` of `appstore status`, `appstore why` and `appstore history`. `appstore why <name>` names the cause, shows the evidence, and fills in the commands.',
    table(['Cause', 'Meaning', 'What to do', 'Commands'], Object.entries(causeCodes).map(causeRow)),
  ]);
}

function errorRow([code, entry]: [string, (typeof errorCodes)[keyof typeof errorCodes]]): string[] {
  return [`\`${code}\``, String(exitCodes[entry.category]), cell(entry.meaning), cell(entry.fix)];
}

function causeRow([code, entry]: [string, (typeof causeCodes)[keyof typeof causeCodes]]): string[] {
  const commands = entry.commands.map((command) => `\`${command}\``).join('<br>');
  return [`\`${code}\``, cell(entry.meaning), cell(entry.fix), cell(commands)];
}
