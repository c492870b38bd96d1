/** Headings under which the help lists the commands, in their order. */
export const groups = {
  find: 'Find apps:',
  make: 'Make apps and catalogs:',
  change: 'Install and change:',
  look: 'Look at what is installed:',
  other: 'Other:',
} as const;

/** What an app may be named as, for descriptions. */
export const appText =
  '`<app>` is `name`, `catalog/name`, `name@version-or-range`, `./folder`, `./archive.tgz`, `https://host/archive.tgz`, `oci://host/path:version` or `git+https://host/repository.git#ref:folder`.';
