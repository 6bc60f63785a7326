/** A screen and a sound card that are not there, as Firefox and WebKit need them. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const programs = [];

let made;

/** The environment of programs that use them; they are started once. */
export const desktop = () => (made ??= make());

async function make() {
  // The screen chooses its own number, and tells it.
  const screen = start("Xvfb", ["-displayfd", "1", "-screen", "0", "1600x1400x24"], "pipe");
  const [display] = await once(createInterface({ input: screen.stdout }), "line");
  const folder = await mkdtemp(join(tmpdir(), "zoo-sound-"));
  const socket = join(folder, "native");
  const modules = [
    "module-null-sink",
    `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
  ];
  const sound = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm"];
  start("pulseaudio", [...sound, ...modules.flatMap((name) => ["-L", name])], "ignore", {
    PULSE_RUNTIME_PATH: folder,
  });
  while (!(await readdir(folder)).includes("native")) await sleep(20);
  return { ...process.env, DISPLAY: `:${display}`, PULSE_SERVER: `unix:${socket}` };
}

/** Start a program that ends with this process. */
export function start(program, args, stdout = "ignore", env = {}) {
  const options = { env: { ...process.env, ...env }, stdio: ["ignore", stdout, "ignore"] };
  const started = spawn(program, args, options);
  programs.push(started);
  return started;
}

process.on("exit", () => programs.forEach((each) => each.kill()));
