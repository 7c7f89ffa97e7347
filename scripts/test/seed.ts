// Runs in every test worker: all property tests draw from the one seed that global-setup.ts printed.
import fc from 'fast-check';
import { readSeed, SEED_VARIABLE } from './seed-policy.js';

fc.configureGlobal({ seed: readSeed(process.env[SEED_VARIABLE]) });
