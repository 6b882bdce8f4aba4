// Runs a compiled kernel frame by frame and puts what it draws on the canvas. An endless kernel never freezes the page:
// it runs in a worker, which Stop ends.

import { WorkerClient } from "./worker-client.mjs";

/** Frames whose time is averaged for the display. */
const AVERAGED = 20;

export class Runner {
  #client = new WorkerClient("runner-worker.js");
  #canvas;
  #context;
  #on;
  #program;
  #busy = false;
  #dirty = false;
  #turn = 0;
  #started = 0;
  #times = [];

  /** `on` is told: `frame({ value, ms, fps })`, `failed({ exception, text, line })`, `state()`. */
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#on = on;
    this.playing = false;
    this.running = false;
  }

  /** A frame has been asked for and has not come. */
  get busy() {
    return this.#busy;
  }

  /** Loads a program and shows its first frame. Arrays of the program before are kept if `keep` is the same. */
  async start({ bytes, artifact, shapes, animate, names, keep }) {
    if (this.#busy) {
      this.#client.end();
    }
    const turn = (this.#turn += 1);
    this.#program = { animate, names };
    this.#busy = true;
    this.running = true;
    this.#on.state();
    const answer = await this.#client.ask({ op: "start", bytes, artifact, shapes, names, keep });
    if (turn !== this.#turn) {
      return;
    }
    this.#busy = false;
    if (this.#failed(answer)) {
      return;
    }
    this.#started = performance.now();
    this.#times = [];
    this.#dirty = true;
    this.#tick(turn);
  }

  /** A parameter changed: the picture is made anew. */
  refresh() {
    this.#dirty = true;
    if (this.running && !this.#busy) {
      this.#tick(this.#turn);
    }
  }

  play(on) {
    this.playing = on;
    this.#on.state();
    if (on) {
      this.refresh();
    }
  }

  /** Ends the program, whatever it is doing. */
  stop() {
    this.#turn += 1;
    this.#client.end();
    this.#busy = false;
    this.running = false;
    this.#on.state();
  }

  #tick(turn) {
    requestAnimationFrame(async () => {
      if (turn !== this.#turn || this.#busy || !(this.#dirty || (this.playing && this.#program.animate))) {
        return;
      }
      this.#dirty = false;
      this.#busy = true;
      this.#program.names.t = (performance.now() - this.#started) / 1000;
      this.#program.names.frame = (this.#program.names.frame ?? 0) + 1;
      const answer = await this.#client.ask({ op: "frame", names: { ...this.#program.names } });
      if (turn !== this.#turn) {
        return;
      }
      this.#busy = false;
      if (this.#failed(answer)) {
        return;
      }
      this.#show(answer);
      this.#tick(turn);
    });
  }

  #failed(answer) {
    if (answer.failed === undefined && !answer.ended) {
      return false;
    }
    this.running = false;
    if (answer.failed !== undefined) {
      this.#on.failed(answer.failed);
    }
    this.#on.state();
    return true;
  }

  #show({ ms, value, pixels, shape }) {
    if (pixels !== undefined && shape.length === 3 && shape[2] === 4) {
      const [height, width] = shape;
      if (this.#canvas.width !== width || this.#canvas.height !== height) {
        this.#canvas.width = width;
        this.#canvas.height = height;
      }
      this.#context.putImageData(new ImageData(pixels, width, height), 0, 0);
    }
    this.#times.push(performance.now());
    this.#times.splice(0, this.#times.length - AVERAGED);
    const span = this.#times.at(-1) - this.#times[0];
    this.#on.frame({ ms, value, fps: span > 0 ? ((this.#times.length - 1) * 1000) / span : 0 });
  }
}
