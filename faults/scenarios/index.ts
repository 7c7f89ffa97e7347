/** The scenarios by name. */
import { SMALL_DISK, UNDER_PRESSURE } from './history.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS = {
  'under pressure': UNDER_PRESSURE,
  'small disk': SMALL_DISK,
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
