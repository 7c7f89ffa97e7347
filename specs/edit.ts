// Named edits of specifications: what takes a line out of one to see that it is needed.
// Rule: an edit that does not apply at exactly one place fails loudly, so that an edit follows the text it edits.

export interface Edit {
  /** Stands in the text exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Throws when `from` does not stand in the text exactly once: the text has changed, and the edit must follow. */
export function edited(text: string, { from, to }: Edit): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`The edit applies at ${places} places, not at one: ${from}`);
  return text.replace(from, () => to);
}
