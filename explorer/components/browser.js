// What the components share. Put before a component's own text: see script.py.
function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

// What arrives in one component and is used by others: the entry of a name, there before its value is.
function arriving(store, name) {
  const entries = (globalThis[store] ??= new Map());
  if (!entries.has(name)) entries.set(name, deferred());
  return entries.get(name);
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

async function inflate(base64) {
  const inflated = new Blob([bytes(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

function signed(value, decimals) {
  return value.toFixed(decimals).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
}

// White on black in either theme, as the images are: pixels (side * side) in [0, white] on a canvas of side x side.
function paintPixels(canvas, pixels, side, white = 1) {
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let p = 0; p < side * side; p++) {
    image.data[4 * p] = image.data[4 * p + 1] = image.data[4 * p + 2] = (255 / white) * pixels[p];
    image.data[4 * p + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  const text = read("text-color", "#1b1f24");
  const background = read("background-color", "#ffffff");
  return { text, background, primary: read("primary-color", "#0072b2"), font: read("font", "sans-serif") };
}

// A component that draws itself by its `paint`, once a frame however often it is asked.
class Painted {
  repaint() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paint();
    });
  }
}
