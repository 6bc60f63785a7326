/** Arithmetic over arrays of numbers. */

/**
 * @param {ArrayLike<number> & Iterable<number>} numbers
 * @returns {number}  NaN of none.
 */
export function mean(numbers) {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum / numbers.length;
}

/**
 * The middle of some numbers, or the mean of the two in the middle.
 * @param {Iterable<number>} numbers
 */
export function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The place of the largest number; of equal ones the first.
 * @param {ArrayLike<number>} numbers
 */
export function strongest(numbers) {
  let place = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] > numbers[place]) place = i;
  return place;
}

/**
 * Arrays of samples one after the other.
 * @param {Float32Array[]} arrays
 */
export function joined(arrays) {
  const whole = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let end = 0;
  for (const array of arrays) {
    whole.set(array, end);
    end += array.length;
  }
  return whole;
}

/**
 * Whether numbers are nearly the same.
 * @param {Float32Array} numbers
 * @param {Float32Array} others
 * @param {number} tolerance  As a part of the largest number, or of 1 if that is more.
 */
export function agree(numbers, others, tolerance) {
  const limit = tolerance * numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 1);
  return numbers.every((number, i) => Math.abs(number - others[i]) <= limit);
}
