// Run by tests/node.rs: calls the kernels of the modules named on the command line.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { Arena, load, Raised, Trap } from "./host.mjs";

async function check(path) {
  const kernel = await load(await readFile(path));
  const mix = { packed: "gelcap_packed_mix", params: ["f64", "i32", "ptr"], results: ["f64", "i64"] };
  const memory = new Float64Array([8, 0]);
  const mark = kernel.arena.mark();
  for (let round = 0; round < 3; round += 1) {
    memory[0] = 8;
    assert.deepEqual(kernel.call(mix, [1.5, -3, memory]), [3.75, 3n]);
    assert.deepEqual([...memory], [8, 3.75]);
  }
  assert.equal(kernel.arena.mark(), mark, "calls give their memory back");

  const own = kernel.arena.alloc(16);
  kernel.arena.view().setFloat64(own, 8, true);
  assert.deepEqual(kernel.call(mix, [1.5, -3, own]), [3.75, 3n]);

  const raise = { packed: "gelcap_packed_raise", params: ["i64"] };
  assert.throws(
    () => kernel.call(raise, [-5n]),
    (e) => e instanceof Raised && e.site === 7 && e.payload[3] === -5n && e.payload[0] === 0n,
  );
  const forever = { packed: "gelcap_packed_forever", params: ["i64"], results: ["i64"] };
  assert.throws(() => kernel.call(forever, [1n]), (e) => e instanceof Trap && e.exception === "RecursionError");
  const wild = { packed: "gelcap_packed_wild", results: ["i64"] };
  assert.throws(() => kernel.call(wild), (e) => e instanceof Trap && e.exception === "IndexError");
  assert.throws(() => kernel.call({ packed: "nothing" }), TypeError);

  // Large arrays make the memory grow, which must not lose what is in it.
  const large = new Float64Array(200_000);
  large[0] = 8;
  assert.deepEqual(kernel.call(mix, [1.5, -3, large]), [3.75, 3n]);
  assert.equal(large[1], 3.75);
}

const paths = process.argv.slice(2);
for (const path of paths) {
  await check(path);
}
const shared = new Arena();
const kernels = await Promise.all(paths.slice(1).map(async (path) => load(await readFile(path), shared)));
assert.ok(kernels.every((k) => k.arena === shared));
console.log(`${paths.length} modules agree`);
