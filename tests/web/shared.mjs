/** Networks that read the same patches as one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SharedNetwork } from "../../zoo/web/shared-network.js";

/** A network that remembers how it was asked. */
function network(id, asked, extractor) {
  const tensor = { id, dispose: () => asked.push(`${id} forgets`) };
  return {
    metadata: { id, extractor },
    layer: (layer) => layer,
    nodeOf: (wanted) =>
      (extractor?.id ?? id) === wanted.id ? (extractor?.node ?? wanted.layer) : undefined,
    async runAll(patches, layer, nodes, overlap) {
      asked.push(`${id} runs for ${[layer, ...nodes]}${overlap ?? ""}`);
      return { rows: patches.map(() => Float32Array.of(1)), kept: nodes.map(() => tensor) };
    },
    async follow(known, layer, patches) {
      asked.push(`${id} follows ${known.id}`);
      return Array.from({ length: patches }, () => Float32Array.of(2, 3));
    },
  };
}

test("an extractor runs once for all of its heads", async () => {
  const asked = [];
  const reads = { id: "trunk", layer: "dense", node: "extractor/dense" };
  const shared = new SharedNetwork(
    [
      network("a", asked, reads),
      network("b", asked, reads),
      network("alone", asked),
      network("c", asked, reads),
    ],
    ["x", "y", "z", "x"],
  );
  const rows = await shared.run([new Float32Array(1), new Float32Array(1)]);
  assert.deepEqual(
    rows.map((row) => row.map((values) => Array.from(values))),
    [
      [[1], [2, 3], [1], [2, 3]],
      [[1], [2, 3], [1], [2, 3]],
    ],
  );
  assert.deepEqual(asked, [
    "a runs for x,extractor/dense",
    "b follows a",
    "alone runs for z",
    "c follows a",
    "a forgets",
  ]);
});

test("heads follow the extractor itself", async () => {
  const asked = [];
  const head = network("head", asked, { id: "trunk", layer: "dense", node: "extractor/dense" });
  const shared = new SharedNetwork([network("trunk", asked), head], ["x", "y"]);
  await shared.run([new Float32Array(1)], "", " a hop apart");
  assert.deepEqual(asked, [
    "trunk runs for x,dense a hop apart",
    "head follows trunk",
    "trunk forgets",
  ]);
});
