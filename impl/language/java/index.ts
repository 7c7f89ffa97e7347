/** Java class files to Phantom class files. What is translated, and how, stands in README.md. */
export { JavaError } from './errors.js';
export { libraryClass } from './library.js';
export { type JavaInput, type TranslatedClass, type Translation, translate } from './translate.js';
export type { ClassSource, FindJavaClass } from './world.js';
