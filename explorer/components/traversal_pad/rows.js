// The layer that a drag does not change: each latent's name, its KL as a bar, and its row of pictures.
const GAP = 2;
const HEAD = 26;

// Where things stand, in pixels: the bars from `bar` to `left`, the middle of the first column, from column to column.
function placesOf(width, columns) {
  const isNarrow = width < 460;
  const left = isNarrow ? 88 : 134;
  const step = (width - left - 6) / columns;
  return { bar: isNarrow ? 44 : 52, left, right: width, step, first: left + step / 2, height: Math.max(24, Math.round(step + GAP)) };
}

function prepare(canvas, width, height, ratio) {
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return context;
}

function drawHead({ head, data: { ticks, words }, places, width, ratio, theme }) {
  const context = prepare(head, width, HEAD, ratio);
  const isNarrow = places.step < 26;
  Object.assign(context, { fillStyle: theme.text, font: `${isNarrow ? 10 : 12}px ${theme.font}`, textBaseline: "middle" });
  context.fillText(words.kl, 6, HEAD / 2);
  context.textAlign = "center";
  ticks.forEach((tick, k) => context.fillText(tick, places.first + k * places.step, HEAD / 2));
}

function drawRows({ canvas, cells, data: { rows, ticks, loc, decoder: { side } }, places, width, ratio, theme }) {
  const { bar, left, step, first, height } = places;
  const context = prepare(canvas, width, rows.length * height, ratio);
  const largest = Math.max(...rows.map((row) => row[1]), 1e-9);
  const cell = make("canvas", { width: side, height: side });
  const size = Math.min(step, height) - GAP;
  context.textBaseline = "middle";
  rows.forEach(([latent, kl, isActive, low, high], row) => {
    const top = row * height;
    const middle = top + height / 2;
    // An inactive latent has a hollow dot and thin letters: colour is never the only sign.
    Object.assign(context, { fillStyle: theme.text, strokeStyle: theme.text, lineWidth: 1.5 });
    context.beginPath();
    context.arc(11, middle, 3.5, 0, 7);
    if (isActive) context.fill();
    else context.stroke();
    context.font = `${isActive ? "bold " : ""}${step < 26 ? 13 : 14}px ${theme.font}`;
    context.textAlign = "left";
    context.fillText(`z${subscript(latent + 1)}`, 19, middle);
    context.fillStyle = theme.primary;
    context.fillRect(bar, middle + 4, ((left - 8 - bar) * kl) / largest, 5);
    Object.assign(context, { fillStyle: theme.text, font: `12px ${theme.font}` });
    context.fillText(nats(kl), bar, middle - 5);
    for (let k = 0; k < ticks.length; k++) {
      const start = (row * ticks.length + k) * side * side;
      paintPixels(cell, cells.subarray(start, start + side * side), side, 255);
      context.drawImage(cell, first + k * step - size / 2, middle - size / 2, size, size);
    }
    // A notch where the image itself is.
    const share = (loc[latent] - low) / (high - low);
    if (share < -0.03 || share > 1.03) return;
    const x = first + share * (ticks.length - 1) * step;
    Object.assign(context, { fillStyle: theme.primary, strokeStyle: theme.background, lineWidth: 2 });
    context.beginPath();
    context.moveTo(x - 5, top + height);
    context.lineTo(x, top + height - 7);
    context.lineTo(x + 5, top + height);
    context.closePath();
    context.stroke();
    context.fill();
  });
}

function figure() {
  const parts = { root: make("figure"), canvas: make("canvas", { ariaHidden: "true" }), caption: make("figcaption") };
  parts.root.append(parts.canvas, parts.caption);
  return parts;
}

function fill(text, parts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
}

function nats(kl) {
  return kl.toFixed(kl < 0.9995 ? 3 : 2);
}

function subscript(number) {
  return `${number}`.replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
}
