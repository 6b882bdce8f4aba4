// Questions to a worker, each with its answer; the worker can be ended and started anew.

export class WorkerClient {
  #url;
  #worker;
  #waiting = new Map();
  #next = 0;

  constructor(url) {
    this.#url = url;
  }

  ask(question) {
    this.#worker ??= this.#start();
    const id = (this.#next += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ ...question, id });
    });
  }

  /** Whatever it does ends at once; questions without an answer get `{ ended: true }`. */
  end() {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    waiting.forEach((resolve) => resolve({ ended: true }));
  }

  #start() {
    const worker = new Worker(this.#url, { type: "module" });
    worker.onmessage = ({ data }) => {
      const resolve = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      resolve?.(data);
    };
    worker.onerror = () => this.end();
    return worker;
  }
}
