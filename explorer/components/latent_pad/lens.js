// The posterior to its own scale: what is true as shade, q as ellipses, noise on its way through L. One text with latent_pad.js.
class Lens {
  constructor(pad) {
    this.pad = pad;
    this.canvas = make("canvas", { className: "lens", tabIndex: 0, role: "slider" });
    this.readout = make("output", { className: "noise", ariaLive: "off" });
    const on = (name, action) => this.canvas.addEventListener(name, action);
    const follow = ({ offsetX, offsetY }) => pad.moveTo(...this.toPlane(offsetX, offsetY));
    followPointer(this.canvas, pad, follow);
    on("keydown", (event) => {
      const direction = STEPS[event.key];
      if (!direction) return;
      event.preventDefault();
      pad.held = true;
      const step = (event.shiftKey ? 0.1 : 0.01) * this.data.half;
      pad.moveTo(pad.point[0] + step * direction[0], pad.point[1] + step * direction[1]);
    });
    on("keyup", ({ key }) => STEPS[key] && pad.release());
    on("blur", () => pad.release());
  }

  receive(data, words) {
    this.data = data;
    for (const part of [this.canvas, this.readout]) part.hidden = !data;
    if (!data) return;
    for (const [name, spoken] of Object.entries({ label: data.alt, roledescription: words.role, valuemin: -1, valuemax: 1 })) {
      this.canvas.setAttribute(`aria-${name}`, spoken);
    }
  }

  // What a drag does not change.
  layOut(ratio, theme) {
    if (!this.data) return;
    const length = this.canvas.clientWidth;
    if (!length) return;
    Object.assign(this, { length, ratio, theme, still: make("canvas") });
    for (const canvas of [this.still, this.canvas]) canvas.width = canvas.height = Math.round(length * ratio);
    const context = this.still.getContext("2d");
    context.scale(ratio, ratio);
    context.drawImage(shadeOf(this.data, theme), 0, 0, length, length);
    const { ellipse, eps } = this.data;
    drawLevels((x, y) => this.toPixels(x, y), ellipse, context, theme);
    this.drawNoise(context, ellipse, eps, theme);
  }

  // Each noise as a ring where a round cloud of the same size would have it, and a line to where L takes it.
  drawNoise(context, [[mx, my], [[a], [b, c]]], eps, { text }) {
    const size = Math.sqrt(Math.abs(a * c));
    Object.assign(context, { strokeStyle: text, fillStyle: text, lineWidth: 1 });
    for (const [e1, e2] of eps) {
      const from = this.toPixels(mx + size * e1, my + size * e2);
      const to = this.toPixels(mx + a * e1, my + b * e1 + c * e2);
      context.globalAlpha = 0.45;
      stroke(context, [from, to]);
      context.beginPath();
      context.arc(...from, 2.5, 0, 7);
      context.stroke();
      context.globalAlpha = 1;
      context.beginPath();
      context.arc(...to, 2.5, 0, 7);
      context.fill();
    }
  }

  paint(point) {
    if (!this.data || !this.still) return;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.still, 0, 0);
    context.scale(this.ratio, this.ratio);
    drawRing(context, this.toPixels(...point), 8, this.theme);
    const [[mx, my], [[a], [b, c]]] = this.data.ellipse;
    const e1 = (point[0] - mx) / a;
    const e2 = (point[1] - my - b * e1) / c;
    // Far out the digits of the noise say nothing that one could use.
    const shown = [e1, e2].map((value) => (Math.abs(value) < 100 ? signed(value, 2) : signed(value, 0)));
    this.readout.textContent = `ε = L⁻¹(z − μ) = (${shown[0]}, ${shown[1]})`;
    const { half, middle } = this.data;
    this.canvas.setAttribute("aria-valuenow", Math.max(-1, Math.min(1, (point[0] - middle[0]) / half)));
    this.canvas.setAttribute("aria-valuetext", `epsilon1 ${shown[0]}, epsilon2 ${shown[1]}`);
  }

  toPixels(x, y) {
    const { middle, half } = this.data;
    const share = this.length / (2 * half);
    return [(x - middle[0] + half) * share, (middle[1] + half - y) * share];
  }

  toPlane(px, py) {
    const { middle, half } = this.data;
    const share = (2 * half) / this.length;
    return [px * share - half + middle[0], middle[1] + half - py * share];
  }
}

// The true density as ink of the theme's primary colour, its peak the darkest: row 0 of the cells is the lowest z2.
function shadeOf({ density, cells }, theme) {
  const canvas = Object.assign(make("canvas"), { width: cells, height: cells });
  const context = canvas.getContext("2d");
  context.fillStyle = theme?.primary ?? "#0072b2";
  context.fillRect(0, 0, cells, cells);
  const picture = context.getImageData(0, 0, cells, cells);
  const ink = bytes(density);
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) picture.data[4 * ((cells - 1 - i) * cells + j) + 3] = 0.75 * ink[i * cells + j];
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}
