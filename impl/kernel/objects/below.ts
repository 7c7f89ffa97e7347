/**
 * What object land asks of the rooms below it, in one place: the same virtual machine then runs in V8 for tests with
 * another file of this shape in its stead.
 *
 * Rule (ARCHITECTURE.md C5): `touch` may block; everything else here says whether it may.
 */
