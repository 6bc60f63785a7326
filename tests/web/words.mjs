/** What the pages choose to show, and how they say it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { strongest } from "../../zoo/web/numbers.js";
import { speed } from "../../zoo/web/site/backends.js";
import { inWords } from "../../zoo/web/site/errors.js";
import { classes, layer } from "../../zoo/web/site/layers.js";
import { Prediction } from "../../zoo/web/prediction.js";
import { FORMATS } from "../../zoo/web/site/tables.js";
import { said } from "../../zoo/web/site/results.js";

test("of equal numbers the first is the strongest", () => {
  assert.equal(strongest([0, 2, 2, 1]), 1);
});

test("predictions are shown before embeddings, whose values have no names", () => {
  const both = { outputs: { a: "embeddings", b: "predictions" }, classes: ["x"], record: {} };
  const extractor = { outputs: { a: "embeddings", b: "other" }, classes: ["x"] };
  assert.deepEqual([layer(both), classes(both, 1)], ["predictions", ["x"]]);
  assert.deepEqual([layer(extractor), classes(extractor, 1)], ["embeddings", []]);
  assert.equal(layer({ outputs: { c: "other" } }), "c");
});

test("classes have words where their names are none", () => {
  const record = { zoo: { display_classes: { cla: "classical" } } };
  const model = { outputs: { a: "predictions" }, classes: ["cla", "pop", "Rock---Punk"], record };
  assert.deepEqual(classes(model, 3), ["classical", "pop", "Rock: Punk"]);
});

test("classes without names are numbered", () => {
  const nameless = { outputs: { a: "predictions" }, classes: [], record: {} };
  assert.deepEqual(classes(nameless, 3), ["class 0", "class 1", "class 2"]);
});

test("results are saved with the columns and keys of zoo predict", () => {
  const activations = [
    [0.1, 1e-5],
    [0.3, 0.5],
  ].map((row) => Float32Array.from(row));
  const prediction = new Prediction(
    activations.map((row, i) => ({ time: 1.488 * i, activations: row, milliseconds: 1 })),
    ["wind, strings", "b"],
    { tempo: { bpm: 120 } },
  );
  const answer = { file: "song.wav", model: "tiny", layer: "predictions", prediction };
  assert.equal(
    FORMATS.csv.written([answer]),
    'time,"wind, strings",b\r\n0,0.1,0.00001\r\n1.488,0.3,0.5\r\n',
  );
  const [row] = JSON.parse(FORMATS.json.written([answer])).results;
  assert.deepEqual(row.activations, [
    [0.1, 0.00001],
    [0.3, 0.5],
  ]);
  assert.deepEqual(row.tempo, { bpm: 120 });
  assert.deepEqual(row.mean.map(Math.fround), [0.2, 0.250005].map(Math.fround));
  assert.deepEqual(row.top[0], { class: "b", score: row.mean[1] });
  assert.deepEqual(
    [row.file, row.model, row.layer, row.classes, row.times, row.error],
    ["song.wav", "tiny", "predictions", prediction.classes, [0, 1.488], null],
  );
});

test("numbers have as many digits as they need", () => {
  assert.deepEqual([9.994, -12.34, 0.5].map(said), ["9.99", "-12.3", "0.50"]);
  assert.equal(speed({ backend: "wasm" }, 9.44), "WebAssembly, 9.4 ms per patch");
  assert.equal(speed({ backend: "webgl" }, 94.4), "WebGL, 94 ms per patch");
  const threaded = speed({ backend: "wasm", threads: 2 }, 94.4);
  assert.equal(threaded, "WebAssembly, 2 threads, 94 ms per patch");
});

test("errors of the browser are told with what to do, others as they are", () => {
  assert.match(inWords(new DOMException("no", "NotAllowedError")), /denied. Allow it/);
  assert.equal(inWords(new Error("as it is")), "as it is");
});
