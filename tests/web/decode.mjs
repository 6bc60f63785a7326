import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "../../zoo/web/decode.js";
import { sniffSampleRate } from "../../zoo/web/sniff.js";
import { bytes, difference, floats } from "./reference.mjs";

for (const kind of ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
  test(`a WAV file of ${kind} is read as in Python`, async () => {
    const { samples, sampleRate } = await decode(new Blob([bytes(`${kind}.wav`)]));
    assert.equal(sampleRate, 22050);
    assert.ok(difference(samples, floats(`${kind}.f32`)) < 1e-7);
  });

test("a WAV file that ends early is read as far as it goes", async () => {
  const cut = bytes("PCM_16.wav").slice(0, 44 + 4 * 100 + 3);
  const { samples } = await decode(cut);
  assert.deepEqual(samples, floats("PCM_16.f32").slice(0, 100));
});

test("a WAV file without samples is refused", async () => {
  await assert.rejects(decode(bytes("PCM_16.wav").slice(0, 44)), /no audio/);
});

for (const [name, rate] of [
  ["rate.mp3", 24000],
  ["rate.flac", 24000],
  ["rate.ogg", 24000],
  ["rate.opus", 48000],
])
  test(`the header of ${name} says ${rate} Hz`, () => {
    assert.equal(sniffSampleRate(bytes(name)), rate);
  });

test("an MP3's tag is passed over", () => {
  const tag = new Uint8Array(10 + 200).fill(0xff);
  tag.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 1, 72]); // 1 * 128 + 72 bytes
  const tagged = new Uint8Array([...tag, ...new Uint8Array(bytes("rate.mp3"))]);
  assert.equal(sniffSampleRate(tagged.buffer), 24000);
});

test("the sample entry of an MP4 says its rate", () => {
  const view = new DataView(new ArrayBuffer(200));
  const name = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  name(4, "ftyp");
  name(60, "moov");
  name(100, "mp4a");
  view.setUint32(128, 32000 * 65536);
  assert.equal(sniffSampleRate(view.buffer), 32000);
});

test("the rate of noise is not known", () => {
  assert.equal(sniffSampleRate(new Uint8Array(1000).fill(7).buffer), undefined);
});
