// Run by tests/node.rs: calls the kernels of the modules named on the command line.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { Arena, KernelError, floatRepr, formatMessage, load } from "./host.mjs";

const scalar = (name, dtype) => ({ name, kind: "scalar", dtype, default: null });
const values = (...dtypes) => ({ kind: "tuple", items: dtypes.map((dtype) => ({ kind: "scalar", dtype })) });
const pointer = { name: "p", kind: "pointer", dtype: "float64", writable: true, default: null };
const kernel = (name, params, result) => ({ name, packed: `gelcap_packed_${name}`, params, result });
const frame = { function: "raise", file: 0, line: 3, column: 4, endLine: 3, endColumn: 9 };

/** What the compiler would say of the module that tests/node.rs makes. */
const artifact = {
  abi: 2,
  files: ["k.py"],
  sites: Array.from({ length: 8 }, () => ({ exception: "ValueError", template: "{{}} {0} and {3}", frames: [frame] })),
  exports: [
    kernel("mix", [scalar("x", "float64"), scalar("n", "int32"), pointer], values("float64", "int64")),
    kernel("raise", [scalar("x", "int64")], { kind: "none" }),
    kernel("forever", [scalar("n", "int64")], values("int64")),
    kernel("wild", [], values("int64")),
  ],
};

async function check(path) {
  const { kernels, arena } = await load(await readFile(path), artifact);
  const memory = new Float64Array([8, 0]);
  const live = arena.live;
  for (let round = 0; round < 3; round += 1) {
    memory[0] = 8;
    assert.deepEqual(kernels.mix(1.5, -3, memory), [3.75, 3]);
    assert.deepEqual([...memory], [8, 3.75]);
  }
  assert.equal(arena.live, live, "calls give their memory back");

  const own = arena.alloc(16);
  arena.view().setFloat64(own, 8, true);
  assert.deepEqual(kernels.mix(1.5, -3, own), [3.75, 3]);
  arena.free(own);

  const raised = (exception, message) => (e) => e instanceof KernelError && e.exception === exception && message.test(e.message);
  assert.throws(() => kernels.raise(-5n), (e) => {
    assert.equal(e.traceback, 'Traceback (most recent call last):\n  File "k.py", line 3, in raise\nValueError: {} 0 and -5');
    return raised("ValueError", /-5/)(e);
  });
  assert.throws(() => kernels.forever(1), raised("RecursionError", /maximum recursion depth/));
  assert.throws(() => kernels.wild(), raised("IndexError", /outside/));
  assert.throws(() => kernels.mix(1.5, 2 ** 31, memory), raised("OverflowError", /2147483648 does not fit int32/));
  assert.throws(() => kernels.mix(1.5, 0.5, memory), raised("TypeError", /integer/));
  assert.throws(() => kernels.mix("1", 1, memory), raised("TypeError", /real number/));
  assert.throws(() => kernels.mix(1.5, 1, new Float32Array(2)), raised("TypeError", /float64, not Float32Array/));
  assert.throws(() => kernels.mix(1.5), raised("TypeError", /missing argument 'n'/));
  assert.equal(arena.live, live, "failed calls give their memory back");

  // Large arrays make the memory grow, which must not lose what is in it.
  const large = new Float64Array(200_000);
  large[0] = 8;
  assert.deepEqual(kernels.mix(1.5, -3, large), [3.75, 3]);
  assert.equal(large[1], 3.75);
  await assert.rejects(load(await readFile(path), { ...artifact, abi: 0 }), TypeError);
}

function checkBuffers() {
  const arena = new Arena();
  const { gelcap_buffer_alloc: alloc, gelcap_buffer_retain: retain, gelcap_buffer_release: release } = arena.imports();
  const first = alloc(100n);
  arena.bytes(first, 100).fill(7);
  retain(first);
  release(first);
  assert.deepEqual(arena.buffers, [{ address: first, length: 100, references: 1 }]);
  release(first);
  assert.equal(arena.live, 0);
  const second = alloc(120n);
  assert.equal(second, first, "memory is used again");
  assert.ok(arena.bytes(second, 120).every((byte) => byte === 0), "and zeroed");
  assert.equal(alloc(1n << 40n), 0);
  assert.equal(alloc(-1n), 0);
  assert.throws(() => release(first + 64), WebAssembly.RuntimeError);
}

function checkMessages() {
  const cases = [
    [0, "0.0"], [-0, "-0.0"], [1, "1.0"], [-1.5, "-1.5"], [0.0001, "0.0001"], [0.00001, "1e-05"], [1e15, "1000000000000000.0"],
    [9999999999999998, "9999999999999998.0"], [1e16, "1e+16"], [1.2345e300, "1.2345e+300"], [-2.5e-7, "-2.5e-07"],
    [5e-324, "5e-324"], [Infinity, "inf"], [NaN, "nan"], [123456.75, "123456.75"],
  ];
  for (const [value, text] of cases) {
    assert.equal(floatRepr(value), text);
  }
  const half = new BigInt64Array(new Float64Array([0.5]).buffer)[0];
  assert.equal(formatMessage("{0} {1u} {2f} {{{3}}} {4}", [-3n, -1n, half, 7n]), "-3 18446744073709551615 0.5 {7} {4}");
}

const paths = process.argv.slice(2);
for (const path of paths) {
  await check(path);
}
const shared = new Arena();
const modules = await Promise.all(paths.slice(1).map(async (path) => load(await readFile(path), artifact, shared)));
assert.ok(modules.every((m) => m.arena === shared));
checkBuffers();
checkMessages();
console.log(`${paths.length} modules agree`);
