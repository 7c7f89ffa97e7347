import { throwText, done } from '../vm/outcome';
export function parseJson(text: u32): u32 { return done(0); }
