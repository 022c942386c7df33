// A point on the latent plane under the hand, z or its noise, and the picture decoded there. See __init__.py.
export default function ({ data: [data], parentElement, setStateValue }) {
  const pad = (parentElement.latentPad ??= new LatentPad(parentElement));
  pad.receive(data, setStateValue);
  // Streamlit also calls the clean-up of a call it has superseded: only the loss of the node means the end.
  return () => parentElement.isConnected || pad.destroy();
}

const MARGIN = { left: 44, right: 10, top: 10, bottom: 38 };
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const [STEP, LEAP] = [0.05, 0.5];

class LatentPad extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "latent-pad" });
    this.plane = make("canvas", { className: "plane", tabIndex: 0, role: "slider" });
    this.decoded = make("canvas", { className: "decoded", ariaHidden: "true" });
    this.notice = make("div", { className: "notice", role: "status" });
    this.lens = new Lens(this);
    this.chain = new Chain();
    const side = make("div", { className: "side" });
    side.append(this.decoded, this.lens.canvas);
    this.root.append(this.plane, side, this.chain.root, this.notice);
    parent.append(this.root);
    handle(this.plane, this, ({ offsetX, offsetY }) => this.toPlane(offsetX, offsetY), () => 1);
    this.resizes = new ResizeObserver(() => this.layOut());
    this.resizes.observe(parent);
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    const isOther = data.hand !== this.data?.hand;
    Object.assign(this, { data, setStateValue });
    // Until the server has seen the last release, the hand is ahead of it.
    if (isOther || (isNew && !this.held && (this.stamp == null || this.stamp === data.answered))) this.point = data.point;
    if (isOther) this.held = false;
    const { alt, extent, words } = data;
    const spoken = { label: alt, roledescription: words.role, valuemin: -extent, valuemax: extent };
    for (const name in spoken) this.plane.setAttribute(`aria-${name}`, spoken[name]);
    this.load("decoder", "explorerDecoders", data.decoder.name);
    this.load("atlas", "explorerAtlases", data.atlas);
    this.lens.receive(data.lens, words);
    this.chain.receive(data);
    this.layOut(true);
  }

  // What is on its way under this name: the decoder, or the atlas, if there is to be one.
  load(what, store, name) {
    if (this[what]?.name === name) return;
    const part = (this[what] = { name, value: null });
    if (!name) return;
    this.tell(this.data.words.loading);
    arriving(store, name).promise.then(
      (value) => {
        if (this[what] !== part || this.gone) return;
        part.value = value;
        if (["decoder", "atlas"].every((each) => !this[each]?.name || this[each].value)) this.tell("");
        this.layOut(true);
        if (what === "atlas") performance.mark("latent_pad.atlas");
      },
      (error) => this.tell(this.data.words.unreadable.replace("{error}", error.message)),
    );
  }

  tell(text) {
    Object.assign(this.notice, { textContent: text, hidden: !text });
  }

  // The static layer: everything that a drag does not change, drawn once for a size, a theme and a posterior.
  layOut(force = false) {
    const ratio = window.devicePixelRatio;
    const room = this.root.parentElement.clientWidth;
    const length = Math.floor(Math.min(room - MARGIN.left - MARGIN.right, this.data.height - MARGIN.top - MARGIN.bottom));
    if (length <= 0 || (!force && length === this.length && ratio === this.ratio)) return;
    Object.assign(this, { length, ratio });
    this.width = length + MARGIN.left + MARGIN.right;
    this.height = length + MARGIN.top + MARGIN.bottom;
    this.still = make("canvas");
    for (const canvas of [this.still, this.plane]) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    this.plane.style.width = `${this.width}px`;
    this.plane.style.height = `${this.height}px`;
    this.theme = readTheme(this.root);
    const context = this.still.getContext("2d");
    context.scale(ratio, ratio);
    drawAxes(this, context);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, length, length);
    context.clip();
    const toPixels = (x, y) => this.toPixels(x, y);
    const { ellipse } = this.data;
    // Under the noise the plane's dots are another thing's places.
    context.globalAlpha = this.holdsNoise ? 0.35 : 1;
    if (this.atlas.value) context.drawImage(this.atlas.value, MARGIN.left, MARGIN.top, length, length);
    else if (!this.atlas.name) drawDots(this, context);
    context.globalAlpha = 1;
    if (this.holdsNoise) drawLevels(toPixels, ROUND, context, this.theme, this.theme.primary);
    if (ellipse) drawLevels(toPixels, ellipse, context, this.theme);
    drawMarks(this, context);
    context.restore();
    this.lens.layOut(ratio, this.theme);
    this.paint();
  }

  paint() {
    if (this.gone || !this.still) return;
    const start = performance.now();
    const context = this.plane.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.plane.width, this.plane.height);
    context.drawImage(this.still, 0, 0);
    context.scale(this.ratio, this.ratio);
    const { z } = this;
    if (this.holdsNoise) drawCarried(context, this.toPixels(...this.point), this.toPixels(...z), this.theme, 11);
    // A ring, so that what lies under the point stays in sight: the ellipse is often smaller than the handle.
    else drawRing(context, this.toPixels(...z), 11, this.theme);
    this.lens.paint();
    if (this.decoder.value) paintPixels(this.decoded, this.decoder.value.decode(z), this.data.decoder.side);
    const said = this.chain.paint(z, this.eps);
    this.plane.setAttribute("aria-valuenow", this.point[0]);
    this.plane.setAttribute("aria-valuetext", this.holdsNoise ? `${said.eps}, ${said.z}` : said.z);
    this.lens.canvas.setAttribute("aria-valuetext", said.eps);
    performance.measure("latent_pad.draw", { start });
  }

  get holdsNoise() {
    return this.data.hand === "eps";
  }

  get z() {
    return this.holdsNoise ? carry(this.data.ellipse, this.point) : this.point;
  }

  // None without a posterior.
  get eps() {
    if (this.holdsNoise) return this.point;
    return this.data.ellipse && whiten(this.data.ellipse, this.point);
  }

  moveTo(x, y) {
    const { extent } = this.data;
    this.point = [x, y].map((value) => Math.round(1e5 * Math.max(-extent, Math.min(extent, value))) / 1e5);
    this.repaint();
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.stamp = performance.timeOrigin + performance.now();
    this.setStateValue("point", [...this.point, this.data.hand, this.stamp]);
  }

  toPixels(x, y) {
    const { extent } = this.data;
    const share = this.length / (2 * extent);
    return [MARGIN.left + (x + extent) * share, MARGIN.top + (extent - y) * share];
  }

  toPlane(px, py) {
    const { extent } = this.data;
    const share = (2 * extent) / this.length;
    return [(px - MARGIN.left) * share - extent, extent - (py - MARGIN.top) * share];
  }

  destroy() {
    this.gone = true;
    cancelAnimationFrame(this.painting);
    this.resizes.disconnect();
  }
}
