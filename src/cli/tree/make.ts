import type { CommandSpec } from '../cli.ts';
import { valueOutput } from '../flags/common.ts';
import { portNumber } from '../flags/flag.ts';
import { groups } from './texts.ts';

/** What makes apps. */
export const makeCommands: readonly CommandSpec[] = [
  {
    name: 'create',
    summary: 'make something new',
    group: groups.make,
    children: [
      {
        name: 'app',
        args: '<name>',
        summary: 'make the folder of a new app',
        description:
          'The folder is called like the app and holds app.yaml, README.md and icon.svg: a web server with probes, requests and the restricted security profile, which passes `appstore catalog lint` as it is. docs/packages.md describes the format.',
        group: groups.make,
        flags: [
          {
            flags: '--image <image>',
            description: 'what it runs, with a tag that does not move (nginx if not given)',
            group: groups.make,
          },
          {
            flags: '--port <number>',
            description: 'port that the container listens on (8080 if not given)',
            group: groups.make,
            parse: portNumber,
            expects: 'a port from 1 to 65535',
          },
          {
            flags: '--out <folder>',
            description: 'where its folder is made; here if not given',
            group: groups.make,
            complete: 'folders',
          },
          valueOutput,
        ],
        examples: [
          ['appstore create app web', 'makes ./web'],
          ['appstore create app web --image ghcr.io/acme/web:1.4.2 --port 3000', 'of an image of your own'],
        ],
        load: () => import('../commands/create-app.ts'),
      },
    ],
  },
];
