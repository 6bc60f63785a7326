import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "../../zoo/web/decode.js";
import { sniff } from "../../zoo/web/sniff.js";
import { bytes, difference, floats, json } from "./reference.mjs";

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

test("a WAV file that lacks more than a second is refused", async () => {
  const whole = wavFile(pcm(1), ["data", Buffer.alloc(2 * 20000)]);
  await assert.rejects(decode(whole.slice(0, 44 + 2 * 10000)), /lasts 2.5 s, and 1.3 s are there/);
  const { samples } = await decode(whole.slice(0, 44 + 2 * 13000));
  assert.equal(samples.length, 13000);
});

test("a WAV file that came out of a pipe does not know its length", async () => {
  for (const said of [0, 0x7ffff024, 0xffffffff]) {
    const file = wavFile(pcm(1));
    new DataView(file).setUint32(40, said, true);
    assert.deepEqual(Array.from((await decode(file)).samples), [0.5]);
  }
});

test("an empty file is refused", async () => {
  await assert.rejects(decode(new Blob([])), /The file is empty/);
});

for (const name of ["rate.mp3", "rate.flac"])
  test(`the header of ${name} says how long the music is`, () => {
    assert.equal(sniff(bytes(name)).length, json("lengths.json")[name]);
  });

test("the frames of an MP3 lie one behind the other, perhaps with an ID3 tag at the end", () => {
  const file = new Uint8Array(bytes("rate.mp3"));
  const whole = sniff(file.buffer);
  const samples = (whole.frames.length - 1) * whole.frame;
  assert.ok(samples > json("lengths.json")["rate.mp3"], "with what the encoder put around");
  assert.equal(whole.frames.at(-1), file.length);
  assert.ok(whole.frames.slice(0, -1).every((at) => file[at] === 0xff && file[at + 1] >= 0xe0));
  const tag = [...Buffer.from("TAG"), ...new Uint8Array(125)];
  assert.deepEqual(sniff(new Uint8Array([...file, ...tag]).buffer).frames, whole.frames);
  const cut = file.slice(0, -1);
  const dirty = [...file.subarray(0, whole.frames[2]), 0, ...file.subarray(whole.frames[2])];
  const mixed = file.slice();
  mixed[whole.frames[2] + 3] |= 0xc0; // mono
  for (const other of [cut, dirty, mixed])
    assert.equal(sniff(new Uint8Array(other).buffer).frames, undefined);
});

test("the first samples of Opus are no music", () => {
  const { length } = sniff(bytes("rate.opus"));
  assert.ok(Math.abs(length - 2 * 1000) <= 1, "at 48 kHz");
});

test("each frame of raw AAC says its length", () => {
  const file = new Uint8Array(300);
  for (let at = 0; at < 300; at += 100)
    file.set([0xff, 0xf1, 0x60, 0, 100 >> 3, (100 & 7) << 5], at);
  const header = { sampleRate: 16000, length: 3 * 1024, priming: 1024, frame: 1024 };
  assert.deepEqual(sniff(file.buffer), header);
});

for (const [name, rate] of [
  ["rate.mp3", 24000],
  ["rate.flac", 24000],
  ["rate.ogg", 24000],
  ["rate.opus", 48000],
])
  test(`the header of ${name} says ${rate} Hz`, () => {
    assert.equal(sniff(bytes(name)).sampleRate, rate);
  });

test("an MP3's tag is passed over", () => {
  const tag = new Uint8Array(10 + 200).fill(0xff);
  tag.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 1, 72]); // 1 * 128 + 72 bytes
  const tagged = new Uint8Array([...tag, ...new Uint8Array(bytes("rate.mp3"))]);
  assert.equal(sniff(tagged.buffer).sampleRate, 24000);
});

test("the sample entry of an MP4 says its rate", () => {
  const view = new DataView(new ArrayBuffer(200));
  const name = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  name(4, "ftyp");
  name(60, "moov");
  name(100, "mp4a");
  view.setUint32(128, 32000 * 65536);
  assert.equal(sniff(view.buffer).sampleRate, 32000);
  name(64, "mdhd");
  view.setUint32(84, 50000);
  name(160, "elst");
  view.setUint32(168, 1);
  view.setUint32(176, 1024);
  const header = { sampleRate: 32000, length: 50000 - 1024, priming: 1024, frame: 1024 };
  assert.deepEqual(sniff(view.buffer), header, "with the edit list");
});

test("the common chunk of AIFF says its rate", () => {
  const view = new DataView(new ArrayBuffer(100));
  const name = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  name(0, "FORM");
  name(12, "COMM");
  view.setUint16(28, 0x400e);
  view.setUint16(30, 0xac44);
  assert.equal(sniff(view.buffer).sampleRate, 44100);
});

test("the rate of noise is not known", () => {
  assert.equal(sniff(new Uint8Array(1000).fill(7).buffer).sampleRate, undefined);
});

/** A WAV file of one sample of 16 bits, 0.5, with other chunks before it. */
function wavFile(format, ...chunks) {
  const chunk = (name, body) => {
    const header = Buffer.from(`${name}\0\0\0\0`, "latin1");
    header.writeUInt32LE(body.length, 4);
    return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
  };
  const data = chunk("data", Buffer.from([0, 64]));
  const all = [Buffer.from("RIFF\0\0\0\0WAVE", "latin1"), chunk("fmt ", format)];
  const { buffer } = new Uint8Array(
    Buffer.concat([...all, ...chunks.map(([n, b]) => chunk(n, b)), data]),
  );
  return buffer;
}

const pcm = (tag) => {
  const format = Buffer.alloc(tag === 1 ? 16 : 40);
  [tag, 1].forEach((value, i) => format.writeUInt16LE(value, 2 * i));
  format.writeUInt32LE(8000, 4);
  format.writeUInt16LE(16, 14);
  if (tag !== 1) format.writeUInt16LE(1, 24); // the format proper
  return format;
};

test("a chunk of odd length is padded to an even one", async () => {
  const { samples } = await decode(wavFile(pcm(1), ["LIST", Buffer.from("odd")]));
  assert.deepEqual(Array.from(samples), [0.5]);
});

test("an extensible WAV file says its format further on", async () => {
  const { samples, sampleRate } = await decode(wavFile(pcm(0xfffe)));
  assert.deepEqual([Array.from(samples), sampleRate], [[0.5], 8000]);
});

test("the header of an MP3 says version and rate, perhaps after zeros", () => {
  const rate = (...header) => {
    const file = new Uint8Array(200);
    file.set(header, 20);
    return sniff(file.buffer).sampleRate;
  };
  assert.equal(rate(0xff, 0xfb, 0x90), 44100);
  assert.equal(rate(0xff, 0xf3, 0x94), 24000);
  assert.equal(rate(0xff, 0xe3, 0x90), 11025);
  assert.equal(rate(0xff, 0xf9, 0x90), undefined, "a layer that is none, as of AAC");
});
