import { causeCodes } from './causes.ts';
import type { CauseCode } from './health.ts';
import type { ObjectId } from './objects.ts';
import { runsPods } from './pods-of.ts';

/** What to try against a cause: in words, and as command lines that are ready to run. */
export interface Fix {
  readonly text: string;
  readonly commands: readonly string[];
}

/** What stands in the place of the placeholders. */
export interface FixSubject {
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
  /** True for an app that no catalog has: an upgrade asks for its location again. */
  readonly located?: boolean;
  /** What is sick, from the root on. */
  readonly objects: readonly ObjectId[];
}

/** Names come from records and clusters that others may edit: what a shell could take for more than a word is not put into one. */
const harmless = /^[\w@./:-]+$/;

/** The fix of a cause for one installation. A cause of a later version has that of `ERROR`. */
export function fixFor(cause: CauseCode, subject: FixSubject): Fix {
  const entry = Object.hasOwn(causeCodes, cause) ? causeCodes[cause] : causeCodes.ERROR;
  const object = subject.objects.find(runsPods) ?? subject.objects.find((one) => one.kind === 'Pod');
  const words = {
    '<name>': subject.name,
    '<namespace>': subject.namespace,
    '<app>': subject.located === true ? location : subject.app,
    '<object>': object === undefined ? '' : `${object.kind}/${object.name}`,
  };
  const commands = subject.located === true ? entry.commands.map(withLocation) : entry.commands;
  const asks = commands.some((command) => command.includes(location) || command.includes('<app>'));
  const text =
    subject.located === true && asks
      ? `${entry.fix} ${location} is the folder, archive or address that it was installed from.`
      : entry.fix;
  return { text, commands: commands.map((command) => fill(command, words)) };
}

/** Stands where the reader has to say where the app lies. */
const location = 'LOCATION';

function withLocation(command: string): string {
  return command.replace(/^appstore upgrade <name>/, `$& ${location}`);
}

function fill(command: string, words: Readonly<Record<string, string>>): string {
  const filled = command.split(' ').flatMap((part) => {
    const word = words[part];
    if (word === undefined) return [part];
    return word === '' && part === '<object>' ? [] : [harmless.test(word) ? word : part];
  });
  return filled.join(' ');
}
