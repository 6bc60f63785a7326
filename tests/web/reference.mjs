/** What the Python side wrote for the tests; see reference.py. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.ZOO_REFERENCE;

/** A file's bytes. */
export function bytes(name) {
  const { buffer, byteOffset, length } = readFileSync(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + length);
}

export const floats = (name) => new Float32Array(bytes(name));
export const json = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));

/** The largest difference between two arrays of one length. */
export function difference(one, other) {
  if (one.length !== other.length) return Infinity;
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
}
