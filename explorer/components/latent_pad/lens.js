// The posterior to its own scale: what is true as shade, q as ellipses, noise on its way through L. One text with latent_pad.js.
class Lens {
  constructor(pad) {
    this.pad = pad;
    this.canvas = make("canvas", { className: "lens", tabIndex: 0, role: "slider" });
    const toHeld = ({ offsetX, offsetY }) => {
      const place = this.toPlane(offsetX, offsetY);
      return pad.holdsNoise ? whiten(this.round, place) : place;
    };
    handle(this.canvas, pad, toHeld, () => (pad.holdsNoise ? 1 : this.data.unit));
  }

  receive(data, words) {
    this.data = data;
    this.canvas.hidden = !data;
    if (!data) return;
    for (const [name, spoken] of Object.entries({ label: data.alt, roledescription: words.role, valuemin: -1, valuemax: 1 })) {
      this.canvas.setAttribute(`aria-${name}`, spoken);
    }
  }

  // The noise as the lens shows it, about the ellipse's middle: loc and L, as of an ellipse.
  get round() {
    const { unit } = this.data;
    return [this.pad.data.ellipse[0], [[unit], [0, unit]]];
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
    const { ellipse, hand } = this.pad.data;
    const toPixels = (x, y) => this.toPixels(x, y);
    if (hand === "eps") drawLevels(toPixels, this.round, context, theme, theme.primary);
    drawLevels(toPixels, ellipse, context, theme);
    if (hand !== "eps") this.drawNoise(context, ellipse, theme);
  }

  // Each noise as a ring on a round cloud, and a line to where L takes it.
  drawNoise(context, ellipse, { text }) {
    Object.assign(context, { strokeStyle: text, fillStyle: text, lineWidth: 1 });
    for (const eps of this.data.eps) {
      const from = this.toPixels(...carry(this.round, eps));
      const to = this.toPixels(...carry(ellipse, eps));
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

  paint() {
    if (!this.data || !this.still) return;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.still, 0, 0);
    context.scale(this.ratio, this.ratio);
    const { z, point, holdsNoise } = this.pad;
    if (holdsNoise) drawCarried(context, this.toPixels(...carry(this.round, point)), this.toPixels(...z), this.theme, 6);
    else drawRing(context, this.toPixels(...z), 8, this.theme);
    const { half, middle } = this.data;
    this.canvas.setAttribute("aria-valuenow", Math.max(-1, Math.min(1, (z[0] - middle[0]) / half)));
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
