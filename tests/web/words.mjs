/** What the pages choose to show, and how they say it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { strongest } from "../../zoo/web/numbers.js";
import { speed } from "../../zoo/web/site/backends.js";
import { inWords } from "../../zoo/web/site/errors.js";
import { classes, layer } from "../../zoo/web/site/layers.js";
import { said } from "../../zoo/web/site/results.js";

test("of equal numbers the first is the strongest", () => {
  assert.equal(strongest([0, 2, 2, 1]), 1);
});

test("predictions are shown before embeddings, whose values have no names", () => {
  const both = { outputs: { a: "embeddings", b: "predictions" }, classes: ["x"], record: {} };
  const extractor = { outputs: { a: "embeddings", b: "other" }, classes: ["x"] };
  assert.deepEqual([layer(both), classes(both)], ["predictions", ["x"]]);
  assert.deepEqual([layer(extractor), classes(extractor)], ["embeddings", []]);
  assert.equal(layer({ outputs: { c: "other" } }), "c");
});

test("classes have words where their names are none", () => {
  const record = { zoo: { display_classes: { cla: "classical" } } };
  const model = { outputs: { a: "predictions" }, classes: ["cla", "pop", "Rock---Punk"], record };
  assert.deepEqual(classes(model), ["classical", "pop", "Rock: Punk"]);
});

test("numbers have as many digits as they need", () => {
  assert.deepEqual([9.994, -12.34, 0.5].map(said), ["9.99", "-12.3", "0.50"]);
  assert.equal(speed({ backend: "wasm" }, 9.44), "WebAssembly, 9.4 ms per patch");
  assert.equal(speed({ backend: "webgl" }, 94.4), "WebGL, 94 ms per patch");
});

test("errors of the browser are told with what to do, others as they are", () => {
  assert.match(inWords(new DOMException("no", "NotAllowedError")), /denied. Allow it/);
  assert.equal(inWords(new Error("as it is")), "as it is");
});
