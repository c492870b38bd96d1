#!/usr/bin/env node
// Plain JavaScript of old: an older Node has to get as far as the message below.
const major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  require('node:module').enableCompileCache();
  require('../dist/start.js');
} else {
  process.stderr.write(
    `appstore needs Node.js 24 or newer; this is ${process.version} (${process.execPath})\n`,
  );
  process.exitCode = 2;
}
