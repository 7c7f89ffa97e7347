#!/usr/bin/env node
// The installed command. It stands here, not in dist/, so that the package can be linked before it is built.
import { main } from '../dist/cli.js';

process.exitCode = main(
  process.argv.slice(2),
  (text) => console.log(text),
  (text) => console.error(text),
);
