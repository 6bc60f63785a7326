/** What pictures show, without a picture. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { TEMPI } from "../../zoo/web/tempo.js";
import { chart } from "../../zoo/web/site/charts.js";
import { round } from "../../zoo/web/site/charts/curves.js";
import { ALIKE, MAP, color } from "../../zoo/web/site/colors.js";
import { isScale, patchAt, range } from "../../zoo/web/site/results.js";
import { peaks } from "../../zoo/web/site/waveform.js";

const results = (activations, classes, more) => ({
  times: activations.map((_, i) => i),
  activations,
  classes,
  span: 2,
  start: 0,
  end: activations.length + 1,
  ...more,
});

/** A canvas's context that remembers its rectangles. */
function recording() {
  const rectangles = [];
  const fills = [];
  return {
    rectangles,
    fills,
    fillRect(...sizes) {
      rectangles.push(sizes.slice(0, 4));
      fills.push(this.fillStyle);
    },
  };
}

test("a taggram has the strongest class on top", () => {
  const { marks, range, unit, describes } = chart(
    results(
      [
        [0.1, 0.9, 0.3],
        [0.2, 0.5, 0.4],
      ],
      ["a", "Rock: Surf", "c"],
    ),
  );
  assert.deepEqual(
    marks.map(({ text }) => text),
    ["Rock: Surf", "c", "a"],
  );
  assert.deepEqual(range, [0, 1]);
  assert.equal(unit, "how sure the model is");
  assert.match(describes, /Rock: Surf, c, a/);
});

test("a taggram of logits has the colours of their range", () => {
  const classes = ["a", "b", "c", "d", "e"];
  assert.deepEqual(chart(results([[-3, 1, 2, 4, 5]], classes)).range, [-3, 5]);
  assert.deepEqual(chart(results([[2, 3, 4, 5, 6]], classes)).range, [0, 6]);
});

test("a taggram has at most ten classes", () => {
  const classes = Array.from({ length: 50 }, (_, i) => `class ${i}`);
  assert.equal(chart(results([classes.map((_, i) => i / 50)], classes)).marks.length, 10);
});

test("a patch is drawn from halfway to its neighbours, over all that the patches cover", () => {
  const context = recording();
  chart(
    results(
      [[0.1], [0.5], [0.9]].map(([x]) => [x, x]),
      ["a", "b"],
    ),
  ).draw(context, 400, 20);
  const first = context.rectangles.filter(([, top]) => top === 0);
  assert.deepEqual(
    first.map(([left]) => left),
    [0, 150, 250],
  );
  assert.equal(first[2][2], 150.5);
});

test("a moment belongs to the patch whose middle is nearest", () => {
  const heard = { times: [0, 1, 2], span: 2 };
  assert.deepEqual(
    [0, 1.4, 1.6, 2.6, 9].map((time) => patchAt(heard, time)),
    [0, 0, 1, 2, 2],
  );
});

test("scales are curves, shares of certainty are not", () => {
  assert.ok(isScale(results([[5.2, 3.1]], ["valence", "arousal"])));
  assert.ok(!isScale(results([[0.2, 0.8]], ["happy", "non_happy"])));
  assert.equal(chart(results([[5.2, 3.1]], ["valence", "arousal"])).range, null);
});

test("values are shown on the scale of the record, or on one that nothing fills for ever", () => {
  const rated = results([[0.5, 3.1]], ["valence", "arousal"], { scale: [1, 9] });
  assert.ok(isScale(rated));
  assert.deepEqual(range(rated, [0, 1]), [1, 9]);
  assert.equal(chart(rated).marks.at(-1).at, 1.0625, "below the scale");
  const logits = results(
    [
      [-3, 1, 9, 4, 5],
      [0, 0, 2, 0, 0],
    ],
    ["a", "b", "c", "d", "e"],
  );
  assert.deepEqual(range(logits, [1, 2]), [0, 9]);
});

test("a probability has an axis from 0 to 1", () => {
  const marks = chart(results([[0.25], [0.25]], ["calm"])).marks;
  assert.equal(marks[0].at, 0.75);
});

test("a tip tells class, value and time", () => {
  const { tip } = chart(
    results(
      [
        [0.1, 0.9],
        [0.3, 0.5],
      ],
      ["a", "b"],
    ),
  );
  assert.equal(tip(0.5, 0.1), "b 0.90 at 0:00");
  assert.equal(tip(2.5, 0.9), "a 0.30 at 0:02");
});

/** Two patches of a tempo network, one with a peak at 120 BPM, and one of silence. */
function tempi() {
  const heard = new Float32Array(256).fill(0.001);
  heard[90] = 0.5; // 120 BPM
  heard[30] = 0.25; // 60 BPM
  const decoded = { bpm: 120, confidence: 0.5, local: [120, 0], probabilities: [0.5, 0] };
  return results([heard, new Float32Array(256)], TEMPI, { decoded: { tempo: decoded } });
}

test("tempo and pitch are told as such", () => {
  const { marks, range, tip, describes } = chart(tempi());
  assert.deepEqual(
    marks.map(({ text }) => text),
    ["120 BPM", "60", "80", "100"],
  );
  assert.match(describes, /: 120 beats per minute/);
  assert.deepEqual(range, [0, 0.5]);
  assert.equal(tip(0, marks[1].at), "60 BPM 0.25; most probable 120 BPM 0.50");
  assert.equal(tip(3, 0), "silence");
  const pitch = { frequencies: [440, 0], confidences: [0.9, 0] };
  const picture = chart(results([[1], [1]], ["440.0 Hz"], { decoded: { pitch } }));
  assert.equal(picture.tip(0, 0), "A4, 440.0 Hz, confidence 0.90");
  assert.equal(picture.tip(3, 0), "no pitch");
});

test("embeddings are compared with each other", () => {
  const { marks, range, map, tip, draw } = chart(
    results(
      [
        [1, 0],
        [0, 1],
        [2, 0],
      ],
      [],
    ),
  );
  assert.deepEqual(
    marks.map(({ text, at }) => `${text} ${at}`),
    ["0:00 0.03", "0:01 0.25", "0:02 0.5", "0:03 0.75", "0:04 0.97"],
  );
  assert.deepEqual(range, [-1, 1]);
  assert.equal(map, ALIKE);
  const context = recording();
  draw(context, 400, 400);
  assert.deepEqual(
    context.fills.slice(0, 3),
    [1, 0.5, 1].map((share) => color(share, ALIKE)),
  );
  assert.equal(tip(3.9, 0), "0:03 and 0:00: 1.00");
});

test("of very many embeddings some are compared", () => {
  const context = recording();
  chart(
    results(
      Array.from({ length: 5000 }, (_, i) => [Math.cos(i), Math.sin(i)]),
      [],
    ),
  ).draw(context, 400, 400);
  assert.ok(context.rectangles.length <= 160 ** 2);
});

test("colours go from dark to light", () => {
  assert.equal(MAP.length, 256);
  assert.equal(color(-1), "rgb(0 0 4)");
  assert.equal(color(2), "rgb(252 253 191)");
  assert.equal(color(NaN), "rgb(0 0 4)");
  assert.equal(color(0.5), "rgb(184 55 121)");
  assert.equal(color(0, ALIKE), "rgb(5 48 97)");
  assert.equal(color(1, ALIKE), "rgb(103 0 31)");
});

test("peaks find a click wherever it is", () => {
  const samples = new Float32Array(60000);
  samples[30000] = -0.8;
  const found = peaks(samples);
  assert.equal(found.length, 600);
  assert.deepEqual([found[300], found[0]], [Math.fround(0.8), 0]);
});

test("a scale is marked at round values", () => {
  assert.deepEqual(round(2.5, 5.1), [3, 4, 5]);
  assert.deepEqual(round(-0.3, 0.02), [-0.2, -0.1, 0]);
  assert.deepEqual(round(0.411, 0.419), [0.412, 0.414, 0.416, 0.418]);
});

test("each tempo of each patch has its place, the fastest on top", () => {
  const context = recording();
  chart(tempi()).draw(context, 100, 81); // from 50 to 130 BPM
  assert.equal(context.rectangles.length, 2 * 81);
  const places = [120, 60].map((bpm) =>
    context.rectangles.findIndex(([, top]) => top === 130 - bpm),
  );
  assert.deepEqual(
    places.map((i) => context.fills[i]),
    [color(1), color(0.5)],
  );
});

test("patches without pitch are not drawn", () => {
  const shapes = [];
  const context = { beginPath() {}, fill() {}, fillRect: (...at) => shapes.push(at) };
  context.roundRect = context.fillRect;
  globalThis.document = { documentElement: {} };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
  const pitch = { frequencies: [440, 440], confidences: [0.9, 0.1] };
  const picture = chart(results([[1], [1]], ["440.0 Hz"], { decoded: { pitch } }));
  picture.draw(context, 300, 100);
  assert.equal(shapes.length - picture.marks.length, 1);
});
