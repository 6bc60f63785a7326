// Runs an ONNX model in onnxruntime-web (wasm): a JSON request on stdin, shapes on stdout.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as ort from "onnxruntime-web";

const { model, folder, input, shape, outputs } = JSON.parse(await text(process.stdin));
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(await readFile(model), {
  executionProviders: ["wasm"],
});
const bytes = await readFile(join(folder, "input"));
const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const found = await session.run({ [input]: new ort.Tensor("float32", values, shape) }, outputs);
for (const [index, name] of outputs.entries()) {
  await writeFile(join(folder, `output${index}`), found[name].data);
}
console.log(JSON.stringify(outputs.map((name) => found[name].dims)));
