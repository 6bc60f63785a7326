/** Asks the engine in a page that has it as `zoo`: args.task says what, with args. */
export default async ({ page, url, args }) => {
  await page.goto(`${url}/index.html`);
  await page.waitForFunction("!!window.zoo");
  await page.click("body"); // or there is no sound
  return page.evaluate(tasks[args.task], args);
};

const tasks = {
  /** What a model says about files. */
  async predict({ model: address, files, options, load }) {
    const model = await zoo.Model.load(address, load);
    const said = [];
    for (const file of files) {
      const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
      const prediction = await model.predict(samples, sampleRate, options);
      const { times, classes, decoded, mean } = prediction;
      const rows = prediction.activations.map((row) => Array.from(row));
      said.push({ rows, times, classes, decoded, mean: Array.from(mean), top: prediction.top(1) });
    }
    model.close();
    return said;
  },

  /** With how many threads a model runs, on how many cores, and what it says of a file. */
  async threads({ model: address, file }) {
    const model = await zoo.Model.load(address);
    const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
    const { activations, times } = await model.predict(samples, sampleRate);
    model.close();
    const page = { isolated: crossOriginIsolated, shares: "SharedArrayBuffer" in window };
    const cores = navigator.hardwareConcurrency;
    const rows = activations.map((row) => Array.from(row));
    return { ...page, cores, threads: model.threads, times, rows };
  },

  /** Which backend is taken without being asked for, and after the other one was remembered. */
  async fastest({ model: address }) {
    const load = async () => {
      const model = await zoo.Model.load(address);
      model.close();
      return model.backend;
    };
    const taken = await load();
    const cache = await caches.open("audiozoo");
    const [key] = await cache.keys();
    const remembered = await (await cache.match(key)).text();
    const other = taken === "wasm" ? "webgpu" : "wasm";
    await cache.put(key, new Response(other));
    return { taken, remembered, other, then: await load(), entries: (await cache.keys()).length };
  },

  /** What several models say about a file together; how many bytes they are. */
  async ensemble({ models, file }) {
    const told = [];
    const onprogress = ({ loaded, total }) => told.push([loaded, total]);
    const ensemble = await zoo.Ensemble.load(models, { onprogress });
    const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
    const counts = models.map(() => 0);
    const onresult = (model) => counts[ensemble.models.indexOf(model)]++;
    const predictions = await ensemble.predict(samples, sampleRate, { onresult });
    const short = await ensemble.predict(samples.subarray(0, 100), sampleRate);
    ensemble.close();
    return {
      counts,
      progress: told.at(-1),
      short: String(short[0]),
      rows: predictions.map(({ activations }) => activations.map((row) => Array.from(row))),
      times: predictions.map(({ times }) => times),
    };
  },

  /** What a model says about files, or why they are not read. */
  async decoded({ model: address, files }) {
    const model = await zoo.Model.load(address);
    const said = [];
    for (const file of files) {
      try {
        const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
        const { activations } = await model.predict(samples, sampleRate);
        said.push({ sampleRate, rows: activations.map((row) => Array.from(row)) });
      } catch ({ name, message }) {
        said.push({ error: `${name}: ${message}` });
      }
    }
    model.close();
    return said;
  },

  /** The samples of files, and how many times the browser was asked for some. */
  async samples({ files }) {
    const { decodeAudioData } = OfflineAudioContext.prototype;
    const found = [];
    let asked = 0;
    OfflineAudioContext.prototype.decodeAudioData = function (...told) {
      asked++;
      return decodeAudioData.apply(this, told);
    };
    for (const file of files) {
      asked = 0;
      const { samples } = await zoo.decode(await (await fetch(file)).blob());
      found.push({ samples: Array.from(samples), asked });
    }
    return found;
  },

  /** What a model says about a file that comes in blocks, and in the end. */
  async stream({ model: address, file, hop, block }) {
    const model = await zoo.Model.load(address);
    const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
    const rows = [];
    const onresult = ({ activations }) => rows.push(Array.from(activations));
    const stream = model.stream(sampleRate, { onresult, hop });
    for (let start = 0; start < samples.length; start += block)
      stream.feed(samples.subarray(start, start + block));
    await stream.finish();
    return rows;
  },

  /** What the recipe of the documentation hears. */
  async recipe({ model: address, results }) {
    const { listen } = await import("./listen.js");
    const heard = [];
    let done;
    const enough = new Promise((resolve) => (done = resolve));
    const stop = await listen(address, (result) => heard.push(result) === results && done());
    await enough;
    await stop();
    const loudest = Math.max(...heard.map(({ activations }) => Math.max(...activations)));
    return { times: heard.map(({ time }) => time), loudest };
  },

  /** What goes wrong, in words. */
  async failures({ model: address }) {
    const words = ({ name, message }) => `${name}: ${message}`;
    const model = await zoo.Model.load(address);
    const ask = (samples, options) => model.predict(samples, 16000, options).catch(words);
    const noise = Float32Array.from({ length: 160000 }, (_, i) => Math.sin(i * i));
    const task = new AbortController();
    const aborting = ask(noise, { signal: task.signal, onresult: () => task.abort() });
    const said = {
      abort: await aborting,
      short: await ask(noise.slice(0, 1000)),
      empty: await ask(noise.slice(0, 0)),
      nan: await ask(Float32Array.of(0, NaN)),
      hop: await ask(noise, { hop: 0 }),
      gap: await ask(noise, { hop: 188 }),
      layer: await ask(noise, { layer: "nowhere" }),
      fine: (await ask(noise)).times.length,
      junk: await zoo.decode(new Blob(["this is no audio"])).catch(words),
      bare: await zoo.Model.load("bare/").catch(words),
      foreign: await zoo.Model.load("index.html").catch(words),
      aborted: await zoo.Model.load(address, { signal: AbortSignal.abort() }).catch(words),
    };
    const loading = new AbortController();
    const { signal } = loading;
    const leave = { signal, onprogress: () => loading.abort(new Error("enough")) };
    said.left = await zoo.Model.load(address, leave).catch(words);
    const buffer = new AudioBuffer({ length: 80_000, numberOfChannels: 2, sampleRate: 16_000 });
    buffer.copyToChannel(noise.map((value) => value / 2).subarray(0, 80_000), 0);
    buffer.copyToChannel(noise.subarray(0, 80_000), 1);
    const mixed = noise.map((value) => value * 0.75).subarray(0, 80_000);
    const [of, as] = [await model.predict(buffer), await ask(mixed)];
    said.buffer = as.activations.map((row, i) => of.activations[i].map((v, j) => v - row[j]));
    said.buffer = Math.max(...said.buffer.map((row) => Math.max(...row.map(Math.abs))));
    const late = ask(noise);
    const rates = [undefined, NaN, 0].map((rate) => model.predict(noise, rate).catch(words));
    model.close();
    const after = [await ask(noise), await ask(noise)];
    try {
      model.stream(16000, { onresult() {} });
    } catch (error) {
      after.push(words(error));
    }
    const silence = await zoo.decode(new Blob([])).catch(words);
    return { ...said, closed: await late, rates: await Promise.all(rates), after, silence };
  },

  /** What runs a model, or why nothing does. */
  async backend({ model: address }) {
    const model = await zoo.Model.load(address).catch(({ message }) => ({ message }));
    model.close?.();
    return model.backend ?? model.message;
  },

  /** What a model says about a file while the graphics card is lost. */
  async lost({ model: address, file, backend }) {
    const code = `import ${JSON.stringify(new URL("zoo/worker.js", document.baseURI))};
      const usual = onmessage;
      onmessage = (event) => {
        if (event.data !== "lose") return usual(event);
        const { device, gpgpu } = tf.backend();
        if (device) device.destroy();
        else gpgpu.gl.getExtension("WEBGL_lose_context").loseContext();
      };`;
    const script = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    let worker;
    zoo.parts.worker = () => (worker = new Worker(script, { type: "module" }));
    const model = await zoo.Model.load(address, { backend });
    const backends = [model.backend];
    model.lost.then(() => backends.push(model.backend));
    let results = 0;
    const onresult = () => ++results === 3 && worker.postMessage("lose");
    const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
    const { activations, times } = await model.predict(samples, sampleRate, { onresult });
    await model.predict(samples, sampleRate);
    model.close();
    return { rows: activations.map((row) => Array.from(row)), times, backends };
  },

  /** What is told of a microphone that never begins, of one that ends, and of one that sends nothing. */
  async quiet({ model: address }) {
    const Sound = AudioContext;
    const opened = [];
    const model = await zoo.Model.load(address);
    const ask = () => zoo.microphone(model, { onresult() {} });
    window.AudioContext = class extends Sound {
      constructor(options) {
        super(options);
        opened.push(this);
      }
    };
    const heard = await ask();
    opened[0].suspend();
    const ended = await heard.done.catch(({ message }) => message);
    window.AudioContext = class extends Sound {
      constructor(options) {
        super(options);
        this.suspend();
      }
      resume() {
        return new Promise(() => {});
      }
    };
    const never = await ask().catch(({ message }) => message);
    window.AudioContext = Sound;
    const { worklet } = zoo.parts;
    const mute = `registerProcessor("recorder", class extends AudioWorkletProcessor {
      process() { return true; }
    });`;
    zoo.parts.worklet = URL.createObjectURL(new Blob([mute], { type: "text/javascript" }));
    const mutely = await ask().catch(({ message }) => message);
    zoo.parts.worklet = worklet;
    const stopped = await ask();
    await stopped.stop();
    await stopped.done;
    model.close();
    return { ended, never, mutely };
  },

  /** How long a file takes, and how long the page stands still meanwhile, in milliseconds. */
  async measure({ model: address, file }) {
    const model = await zoo.Model.load(address);
    const blob = await (await fetch(file)).blob();
    const stalls = [];
    let before = performance.now();
    const ticking = setInterval(() => {
      stalls.push(performance.now() - before);
      before = performance.now();
    });
    const start = performance.now();
    let first;
    let alone; // how long the first patch takes: none is before it
    const onresult = ({ milliseconds }) => {
      first ??= performance.now() - start;
      alone ??= milliseconds;
    };
    const { samples, sampleRate } = await zoo.decode(blob);
    const decoded = performance.now() - start;
    const { milliseconds, times } = await model.predict(samples, sampleRate, { onresult });
    const total = performance.now() - start;
    clearInterval(ticking);
    model.close();
    const stall = Math.max(...stalls);
    const patches = { patch: milliseconds, patches: times.length };
    return { decoded, first, alone, total, stall, threads: model.threads, ...patches };
  },

  /** How long each model takes for the patches behind the first one, by turns, in milliseconds. */
  async turns({ models, file, seconds, hop, rounds }) {
    const { samples, sampleRate } = await zoo.decode(await (await fetch(file)).blob());
    const clip = samples.subarray(0, seconds * sampleRate);
    const loaded = await Promise.all(models.map((address) => zoo.Model.load(address)));
    const found = loaded.map(() => []);
    for (let round = 0; round < rounds; round++)
      for (const [i, model] of loaded.entries()) {
        const onresult = ({ time, milliseconds }) => time > 0 && found[i].push(milliseconds);
        await model.predict(clip, sampleRate, { hop, onresult });
      }
    loaded.forEach((model) => model.close());
    return found;
  },

  /** What a model says about the microphone, and what this heard. */
  async microphone({ model: address, results: wanted }) {
    const text = await (await fetch(zoo.parts.worklet)).text();
    const telling = text.replace("this.port.post", "this.port.postMessage(this.#block);\n$&");
    zoo.parts.worklet = URL.createObjectURL(new Blob([telling], { type: "text/javascript" }));
    const model = await zoo.Model.load(address);
    const [blocks, levels, results] = [[], [], []];
    const onlevel = (told) => (told.length ? blocks.push(Array.from(told)) : levels.push(told));
    let done;
    const enough = new Promise((resolve) => (done = resolve));
    const onresult = (each) => results.push(each) === wanted && done();
    const opened = await zoo.microphone(model, { onresult, onlevel });
    await enough;
    await opened.stop();
    const after = results.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return {
      sampleRate: opened.sampleRate,
      samples: blocks.flat(),
      levels,
      times: results.map(({ time }) => time),
      rows: results.map(({ activations }) => Array.from(activations)),
      skipped: results.at(-1).skipped,
      silent: results.length === after,
    };
  },
};
