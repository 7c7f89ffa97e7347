/** What the command's exit codes mean. */
export const EXIT_HELD = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
