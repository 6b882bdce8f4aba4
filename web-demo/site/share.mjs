// A program in the address: compressed where the browser can, never sent to a server (it stands behind the `#`).

async function through(stream, bytes) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

export async function pack(source) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(source));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The source, or undefined if the text holds none. */
export async function unpack(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(await through(new DecompressionStream("deflate-raw"), bytes));
  } catch {
    return undefined;
  }
}

export function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** An ES module that holds the kernel and the host: `const { frame } = await kernels();` */
export async function asModule(artifact, bytes) {
  const host = await (await fetch("host.js")).text();
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  // A kernel may be called what JavaScript keeps for itself: only exports have its name.
  const names = [...new Set(artifact.exports.map((e) => e.name))];
  return [
    host,
    `const gelcapCode = Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));`,
    `const gelcapModule = await gelcapHost.load(gelcapCode, ${JSON.stringify(artifact)});`,
    ...names.map((name, k) => `const gelcap${k} = gelcapModule.kernels[${JSON.stringify(name)}];`),
    "/** `gelcapModule.array(dtype, shape)` makes arrays in the kernels' memory, used without copying. */",
    `export { gelcapModule, ${names.map((name, k) => `gelcap${k} as ${name}`).join(", ")} };`,
    "",
  ].join("\n");
}
