// A point on the latent plane under the hand, and the picture decoded there. See __init__.py for what it is given.
export default function ({ data: [data], parentElement, setStateValue }) {
  const pad = (parentElement.latentPad ??= new LatentPad(parentElement));
  pad.receive(data, setStateValue);
  // Streamlit also calls the clean-up of a call it has superseded: only the loss of the node means the end.
  return () => parentElement.isConnected || pad.destroy();
}

const MARGIN = { left: 44, right: 10, top: 10, bottom: 38 };
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

class LatentPad {
  constructor(parent) {
    this.root = make("div", { className: "latent-pad" });
    this.plane = make("canvas", { className: "plane", tabIndex: 0, role: "slider" });
    this.decoded = make("canvas", { className: "decoded", ariaHidden: "true" });
    this.readout = make("output", { ariaLive: "off" });
    this.notice = make("div", { className: "notice", role: "status" });
    const side = make("div", { className: "side" });
    this.lens = new Lens(this);
    side.append(this.decoded, this.readout, this.notice, this.lens.canvas, this.lens.readout);
    this.root.append(this.plane, side);
    parent.append(this.root);
    this.listen();
    this.resizes = new ResizeObserver(() => this.layOut());
    this.resizes.observe(parent);
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue });
    // Until the server has seen the last release, the hand is ahead of it.
    if (isNew && !this.held && (this.stamp == null || this.stamp === data.answered)) this.point = data.point;
    const { alt, extent, words } = data;
    const spoken = { label: alt, roledescription: words.role, valuemin: -extent, valuemax: extent };
    for (const name in spoken) this.plane.setAttribute(`aria-${name}`, spoken[name]);
    this.loadAtlas(data.atlas);
    this.lens.receive(data.lens, words);
    this.layOut(true);
  }

  loadAtlas(name) {
    if (this.atlasName === name) return;
    this.atlasName = name;
    this.cells = null;
    Object.assign(this.notice, { textContent: this.data.words.loading, hidden: false });
    const atlases = (globalThis.explorerAtlases ??= new Map());
    if (!atlases.has(name)) atlases.set(name, deferred());
    atlases.get(name).promise.then(
      (cells) => {
        if (this.atlasName !== name) return;
        this.cells = cells;
        const { side } = this.data;
        Object.assign(this.decoded, { width: side, height: side });
        this.picture = this.decoded.getContext("2d").createImageData(side, side);
        this.notice.hidden = true;
        this.repaint();
      },
      (error) => (this.notice.textContent = this.data.words.unreadable.replace("{error}", error.message)),
    );
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
    drawDots(this, context);
    if (this.data.ellipse) drawLevels((x, y) => this.toPixels(x, y), this.data.ellipse, context, this.theme);
    drawMarks(this, context);
    context.restore();
    this.lens.layOut(ratio, this.theme);
    this.paint();
  }

  repaint() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paint();
    });
  }

  paint() {
    if (this.gone || !this.still) return;
    const start = performance.now();
    const context = this.plane.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.plane.width, this.plane.height);
    context.drawImage(this.still, 0, 0);
    context.scale(this.ratio, this.ratio);
    // A ring, so that what lies under the point stays in sight: the ellipse is often smaller than the handle.
    drawRing(context, this.toPixels(...this.point), 11, this.theme);
    this.lens.paint(this.point);
    this.drawPicture();
    const [z1, z2] = this.point.map((value) => signed(value, 2));
    this.readout.textContent = `z = (${z1}, ${z2})`;
    this.plane.setAttribute("aria-valuenow", this.point[0]);
    this.plane.setAttribute("aria-valuetext", `z1 ${z1}, z2 ${z2}`);
    performance.measure("latent_pad.draw", { start });
  }

  // Bilinear between the four cells around the point, a pixel at a time.
  drawPicture() {
    if (!this.cells) return;
    const { size, extent, side } = this.data;
    const locate = (value) => {
      const place = ((value + extent) / (2 * extent)) * (size - 1);
      const cell = Math.max(0, Math.min(size - 2, Math.floor(place)));
      return [cell, place - cell];
    };
    const [column, u] = locate(this.point[0]);
    const [row, v] = locate(this.point[1]);
    const area = side * side;
    const corner = (row * size + column) * area;
    const { cells, picture: { data } } = this;
    for (let p = 0; p < area; p++) {
      const at = corner + p;
      const low = cells[at] + u * (cells[at + area] - cells[at]);
      const high = cells[at + size * area] + u * (cells[at + (size + 1) * area] - cells[at + size * area]);
      // White on black in either theme, as the images are.
      data[4 * p] = data[4 * p + 1] = data[4 * p + 2] = low + v * (high - low);
      data[4 * p + 3] = 255;
    }
    this.decoded.getContext("2d").putImageData(this.picture, 0, 0);
  }

  listen() {
    const on = (name, action) => this.plane.addEventListener(name, action);
    const follow = ({ offsetX, offsetY }) => this.moveTo(...this.toPlane(offsetX, offsetY));
    followPointer(this.plane, this, follow);
    on("keydown", (event) => {
      const direction = STEPS[event.key];
      if (!direction) return;
      event.preventDefault();
      this.held = true;
      const step = event.shiftKey ? 0.5 : 0.05;
      this.moveTo(this.point[0] + step * direction[0], this.point[1] + step * direction[1]);
    });
    on("keyup", ({ key }) => STEPS[key] && this.release());
    on("blur", () => this.release());
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
    this.setStateValue("point", [...this.point, this.stamp]);
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

// While the pointer is down on a canvas the point goes with it; the server hears of the place where it is let go.
function followPointer(canvas, pad, follow) {
  const on = (name, action) => canvas.addEventListener(name, action);
  on("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    pad.held = true;
    follow(event);
  });
  on("pointermove", (event) => pad.held && follow(event));
  on("pointerup", () => pad.release());
  on("pointercancel", () => pad.release());
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
