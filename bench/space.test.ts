import { expect, test } from 'vitest';
import { measureSpace } from './space.js';

const SNAPSHOTS = 250;

async function accounts(defects: readonly string[], snapshots: number) {
  const all = [];
  for await (const account of measureSpace(snapshots, 50, defects)) all.push(account);
  return all;
}

test(`P7 after ${SNAPSHOTS} snapshots on a small disk each block is reachable, of the format, or free`, async () => {
  const all = await accounts([], SNAPSHOTS);
  expect(all.map(({ commits }) => commits)).toEqual([50, 100, 150, 200, 250, 250]);
  for (const { blocks, allocated, free, problems } of all) {
    expect(allocated + free).toBe(blocks);
    expect(problems).toEqual([]);
  }
});
