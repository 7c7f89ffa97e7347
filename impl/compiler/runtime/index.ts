/** Entry file of the software floating point: every routine the compiler may call, exported under its operation's name. */

export * from './float64';
export * from './float32';
