// The static layer of the plane, and what it is drawn with. One text with latent_pad.js.
function drawAxes(pad, context) {
  const { extent } = pad.data;
  const { text, font } = pad.theme;
  const end = pad.toPixels(extent, -extent);
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((size) => extent / size <= 5) ?? extent;
  Object.assign(context, { strokeStyle: text, fillStyle: text, lineWidth: 1, font: `12px ${font}` });
  for (let tick = -Math.floor(extent / step) * step; tick <= extent; tick += step) {
    const [x, y] = pad.toPixels(tick, tick);
    context.globalAlpha = tick === 0 ? 0.35 : 0.1;
    stroke(context, [[x, MARGIN.top], [x, end[1]]]);
    stroke(context, [[MARGIN.left, y], [end[0], y]]);
    context.globalAlpha = 0.8;
    write(context, signed(tick, step < 1 ? 1 : 0), x, end[1] + 12);
    write(context, signed(tick, step < 1 ? 1 : 0), MARGIN.left - 6, y, "right");
  }
  context.globalAlpha = 1;
  context.font = `14px ${font}`;
  write(context, pad.holdsNoise ? "ε₁, z₁" : "z₁", MARGIN.left + pad.length / 2, end[1] + 28);
  write(context, "z₂", 10, MARGIN.top + pad.length / 2);
  if (pad.holdsNoise) write(context, "ε₂", 10, MARGIN.top + pad.length / 2 - 18);
}

function drawDots(pad, context) {
  const values = new Int16Array(bytes(pad.data.dots).buffer);
  const sums = new Map();
  for (let i = 0; i < values.length; i += 3) {
    const [x, y] = pad.toPixels(values[i] / 500, values[i + 1] / 500);
    const label = values[i + 2] / 500;
    const sum = sums.get(label) ?? [0, 0, 0];
    sums.set(label, [sum[0] + x, sum[1] + y, sum[2] + 1]);
    context.fillStyle = pad.data.colors[label];
    context.beginPath();
    context.arc(x, y, 2, 0, 7);
    context.fill();
  }
  // The class's name, amid its dots: colour is never the only sign.
  Object.assign(context, { font: `bold 16px ${pad.theme.font}`, lineWidth: 4, lineJoin: "round", strokeStyle: pad.theme.background });
  for (const [label, [x, y, count]] of sums) {
    context.fillStyle = pad.theme.text;
    write(context, pad.data.classes[label], x / count, y / count, "center", true);
  }
}

// Points loc + r L (cos t, sin t): the level sets of a Normal, exactly.
function drawLevels(toPixels, ellipse, context, { background, text }, ink = text) {
  for (const [radius, dash] of [[1, []], [2, [6, 4]]]) {
    const outline = Array.from({ length: 129 }, (_, k) => {
      const t = (2 * Math.PI * k) / 128;
      return toPixels(...carry(ellipse, [radius * Math.cos(t), radius * Math.sin(t)]));
    });
    context.setLineDash(dash);
    Object.assign(context, { strokeStyle: background, lineWidth: 4 });
    stroke(context, outline);
    Object.assign(context, { strokeStyle: ink, lineWidth: 2 });
    stroke(context, outline);
  }
  context.setLineDash([]);
}

// The noise under the hand, a ring, and an arrow to the z that comes of it, a dot.
function drawCarried(context, from, to, theme, radius) {
  const { background, text, font } = theme;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const far = Math.hypot(dx, dy);
  const [ux, uy] = far > 1 ? [dx / far, dy / far] : [1, 0];
  if (far > radius + 10) {
    const start = [from[0] + ux * radius, from[1] + uy * radius];
    const end = [to[0] - 6 * ux, to[1] - 6 * uy];
    const barb = (side) => [end[0] - 8 * ux + side * 5 * uy, end[1] - 8 * uy - side * 5 * ux];
    for (const [strokeStyle, lineWidth] of [[background, 5], [text, 2]]) {
      Object.assign(context, { strokeStyle, lineWidth });
      stroke(context, [start, end]);
      stroke(context, [barb(1), end, barb(-1)]);
    }
  }
  for (const [fillStyle, size] of [[background, 6], [text, 4]]) {
    context.fillStyle = fillStyle;
    context.beginPath();
    context.arc(...to, size, 0, 7);
    context.fill();
  }
  drawRing(context, from, radius, theme);
  Object.assign(context, { font: `bold 16px ${font}`, strokeStyle: background, fillStyle: text, lineWidth: 4, lineJoin: "round" });
  const { width, height } = context.canvas;
  const ratio = context.getTransform().a;
  const inside = (place, length) => Math.max(10, Math.min(length / ratio - 10, place));
  const name = (letter, [x, y], away) =>
    write(context, letter, inside(x + ux * away, width), inside(y + uy * away, height), "center", true);
  name("ε", from, -radius - 11);
  name("z", to, Math.max(14, radius + 11 - far));
}

// A cross at each place, its text beside it, on the side where there is room.
function drawMarks(pad, context) {
  const { background, text, font } = pad.theme;
  context.font = `bold 14px ${font}`;
  for (const [x, y, words] of pad.data.marks) {
    const [px, py] = pad.toPixels(x, y);
    for (const [strokeStyle, lineWidth] of [[background, 6], [text, 2.5]]) {
      Object.assign(context, { strokeStyle, lineWidth });
      stroke(context, [[px - 6, py - 6], [px + 6, py + 6]]);
      stroke(context, [[px - 6, py + 6], [px + 6, py - 6]]);
    }
    const side = px > MARGIN.left + pad.length / 2 ? -1 : 1;
    Object.assign(context, { strokeStyle: background, fillStyle: text, lineWidth: 4, lineJoin: "round" });
    write(context, words, px + side * 16, py, side > 0 ? "left" : "right", true);
  }
}

function drawRing(context, [x, y], radius, { background, primary }) {
  for (const [strokeStyle, lineWidth] of [[background, 7], [primary, 3.5]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.stroke();
  }
}

function stroke(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}

function write(context, text, x, y, align = "center", halo = false) {
  Object.assign(context, { textAlign: align, textBaseline: "middle" });
  if (halo) context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
