/** The colours of pictures: maps whose lightness grows evenly, and those of Okabe and Ito. */

const MAGMA =
  "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 f56b5c fc8961 " +
  "fea772 fec488 fde2a3 fcfdbf";

const BLUE_RED = "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f";

/** For curves; they can be told apart by everybody, on light and on dark. */
export const CURVES = ["#3d8fd1", "#d9702b", "#1fa37c", "#cc79a7"];

/** The map "magma" in 256 steps. */
export const MAP = steps(MAGMA.split(" ").map(channels));

/** The map "RdBu", from blue to red: of cosines, white is neither alike nor opposite. */
export const ALIKE = steps(BLUE_RED.split(" ").map(channels));

/**
 * The colour of a value.
 * @param {number} value  From 0, the first colour of the map, to 1, its last.
 * @param {string[]} [map]
 */
export function color(value, map = MAP) {
  return map[Math.max(0, Math.min(255, Math.round(value * 255))) || 0];
}

/**
 * What is less certain is paler.
 * @param {number} confidence
 */
export const opacity = (confidence) => 0.25 + 0.75 * confidence;

/** @param {string} hex */
function channels(hex) {
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

/** @param {number[][]} stops */
function steps(stops) {
  return Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const mixed = stops[below].map((from, channel) =>
      Math.round(from + (place - below) * (stops[below + 1][channel] - from)),
    );
    return `rgb(${mixed.join(" ")})`;
  });
}
