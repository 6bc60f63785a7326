/** Runs a model on each backend of TensorFlow.js in a page, as a page of anybody would. */
export default async ({ page, url, args }) => {
  await page.goto(`${url}/index.html`);
  return page.evaluate(async ({ layers, backends }) => {
    const samples = new Float32Array(await (await fetch("audio.f32")).arrayBuffer());
    const found = {};
    for (const backend of backends) {
      await tf.setBackend(backend);
      const model = await tf.loadGraphModel("model/model.json");
      const outputs = [model.execute({ audio: tf.tensor1d(samples) }, layers)].flat();
      const values = await Promise.all(outputs.map((output) => output.array()));
      found[tf.getBackend()] = Object.fromEntries(layers.map((name, i) => [name, values[i]]));
    }
    return found;
  }, args);
};
