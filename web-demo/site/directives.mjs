// What a source tells the page in comments, beside the kernel's own signature.
//
//   # title: Heat equation          # shape: plate = 200, 300        # slider: rounds 1 40 20
//   # animate: yes                  # view: center_x center_y scale = -0.6 0.0 3.2

const NAMED = new Set(["t", "frame", "mouse_x", "mouse_y", "mouse_down"]);

export function directives(source) {
  const found = { title: "", shapes: {}, sliders: {}, animate: false, view: undefined };
  for (const [, key, text] of source.matchAll(/^# (title|shape|slider|animate|view): (.*)$/gm)) {
    if (key === "title") {
      found.title = text.trim();
    } else if (key === "animate") {
      found.animate = text.trim() === "yes";
    } else if (key === "shape") {
      const [name, extents = ""] = text.split("=");
      found.shapes[name.trim()] = extents.split(",").map(Number).filter((n) => Number.isInteger(n) && n > 0 && n <= 4096);
    } else if (key === "slider") {
      const [name, ...numbers] = text.trim().split(/\s+/);
      const [min, max, value] = numbers.map(Number);
      if ([min, max, value].every(Number.isFinite)) {
        found.sliders[name] = { min, max, value };
      }
    } else {
      const [names, numbers = ""] = text.split("=");
      const values = numbers.trim().split(/\s+/).map(Number);
      found.view = { names: names.trim().split(/\s+/), values };
    }
  }
  return found;
}

/** A slider for each number that the kernel takes and nobody else gives: as the comment says, else by its type. */
export function slidersOf(kernel, found) {
  const given = new Set([...NAMED, ...(found.view?.names ?? [])]);
  return kernel.params
    .filter((param) => param.kind === "scalar" && !given.has(param.name))
    .map((param) => {
      const whole = param.dtype !== "float64" && param.dtype !== "float32";
      const range = found.sliders[param.name] ?? (whole ? { min: 0, max: 100, value: 10 } : { min: 0, max: 1, value: 0.5 });
      return { name: param.name, ...range, step: whole ? 1 : (range.max - range.min) / 200 };
    });
}
