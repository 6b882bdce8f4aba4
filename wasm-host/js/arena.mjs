// Guest memory, and which part of it is free. Memory may grow, which detaches every typed array over it: views are made
// when they are needed and never kept.

const NULL_PAGE = 1024;
const ALIGNMENT = 64;
const PAGE = 65536;

/** Bytes for so many: a power of two, or whole pages, so that what is given back fits what is asked for next. */
function sizeClass(bytes) {
  if (bytes > PAGE) {
    return Math.ceil(bytes / PAGE) * PAGE;
  }
  let size = ALIGNMENT;
  while (size < bytes) {
    size *= 2;
  }
  return size;
}

export class Arena {
  #top;
  #free = new Map();
  #taken = new Map();
  #buffers = new Map();
  #view;

  constructor(memory = new WebAssembly.Memory({ initial: 2 }), start = NULL_PAGE) {
    this.memory = memory;
    this.#top = Math.ceil(start / ALIGNMENT) * ALIGNMENT;
  }

  /** The address of so many bytes that nothing else uses. Throws a RangeError where there is no room. */
  alloc(bytes) {
    const size = sizeClass(bytes);
    let start = this.#free.get(size)?.pop();
    if (start === undefined) {
      start = this.#top;
      const missing = start + size - this.memory.buffer.byteLength;
      if (missing > 0) {
        this.memory.grow(Math.ceil(missing / PAGE));
      }
      this.#top = start + size;
    }
    this.#taken.set(start, bytes);
    return start;
  }

  free(address) {
    const bytes = this.#taken.get(address);
    if (bytes === undefined) {
      throw new WebAssembly.RuntimeError(`nothing was allocated at ${address}`);
    }
    this.#taken.delete(address);
    const size = sizeClass(bytes);
    const list = this.#free.get(size);
    if (list === undefined) {
      this.#free.set(size, [address]);
    } else {
      list.push(address);
    }
  }

  /** Allocations that were not given back. */
  get live() {
    return this.#taken.size;
  }

  /** Counted buffers that kernels made and that still have a reference: `{ address, length, references }`. */
  get buffers() {
    return [...this.#buffers].map(([address, references]) => ({ address, length: this.#taken.get(address), references }));
  }

  view() {
    if (this.#view?.buffer !== this.memory.buffer) {
      this.#view = new DataView(this.memory.buffer);
    }
    return this.#view;
  }

  bytes(address, length) {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /** The functions of compiler/src/abi/imports.rs that a kernel may have: counted memory. */
  imports() {
    return {
      gelcap_buffer_alloc: (bytes) => this.#allocBuffer(bytes),
      gelcap_buffer_retain: (address) => {
        this.#buffers.set(address, this.#references(address) + 1);
      },
      gelcap_buffer_release: (address) => this.release(address),
    };
  }

  /** Gives up a reference to a buffer. */
  release(address) {
    const left = this.#references(address) - 1;
    if (left > 0) {
      this.#buffers.set(address, left);
    } else {
      this.#buffers.delete(address);
      this.free(address);
    }
  }

  #references(address) {
    const references = this.#buffers.get(address);
    if (references === undefined) {
      throw new WebAssembly.RuntimeError(`there is no buffer at ${address}`);
    }
    return references;
  }

  /** A zeroed buffer with one reference; 0 if there is no room, which the kernel makes a MemoryError of. */
  #allocBuffer(bytes) {
    if (bytes < 0n || bytes > 0xffff_0000n) {
      return 0;
    }
    try {
      const address = this.alloc(Number(bytes));
      this.bytes(address, Number(bytes)).fill(0);
      this.#buffers.set(address, 1);
      return address;
    } catch (error) {
      if (error instanceof RangeError) {
        return 0;
      }
      throw error;
    }
  }
}
