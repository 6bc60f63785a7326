/** Runs front-ends on WebGL with textures of half precision, which is all that many phones have. */
export default async ({ page, url, args }) => {
  await page.goto(`${url}/index.html`);
  return page.evaluate(async (names) => {
    tf.env().set("WEBGL_FORCE_F16_TEXTURES", true);
    await tf.setBackend("webgl");
    const found = {};
    for (const name of names) {
      const samples = new Float32Array(await (await fetch(`${name}/audio.f32`)).arrayBuffer());
      const model = await tf.loadGraphModel(`${name}/model.json`);
      found[name] = await model.execute({ audio: tf.tensor1d(samples) }, "input").array();
    }
    return found;
  }, args);
};
