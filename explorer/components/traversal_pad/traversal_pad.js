// A latent under the hand along its row of pictures, and the picture decoded there. See __init__.py for what it is given.
export default function ({ data: [data], parentElement, setStateValue }) {
  const pad = (parentElement.traversalPad ??= new TraversalPad(parentElement));
  pad.receive(data, setStateValue);
  // Streamlit also calls the clean-up of a call it has superseded: only the loss of the node means the end.
  return () => parentElement.isConnected || pad.destroy();
}

// Standard deviations a key moves.
const STEP = 0.05;
const LEAP = 0.5;
const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home"]);

class TraversalPad extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "traversal-pad" });
    this.scroller = make("div", { className: "scroller" });
    this.field = make("div", { className: "field", tabIndex: 0, role: "slider" });
    this.head = make("canvas", { className: "head", ariaHidden: "true" });
    this.canvas = make("canvas", { className: "rows" });
    this.chosen = make("div", { className: "chosen" });
    this.thumb = make("div", { className: "thumb" });
    this.field.append(this.canvas, this.chosen, this.thumb);
    this.scroller.append(this.head, this.field);
    this.decoded = make("canvas", { className: "decoded", ariaHidden: "true" });
    this.readout = make("output", { ariaLive: "off" });
    this.notice = make("div", { className: "notice", role: "status" });
    this.help = make("div", { className: "help", id: `traversal-help-${Math.random().toString(36).slice(2)}` });
    this.encoded = figure();
    this.mean = figure();
    const small = make("div", { className: "small" });
    small.append(this.encoded.root, this.mean.root);
    const side = make("div", { className: "side" });
    side.append(this.decoded, this.readout, this.notice, small, this.help);
    this.root.append(this.scroller, side);
    parent.append(this.root);
    this.field.setAttribute("aria-describedby", this.help.id);
    this.listen();
    this.resizes = new ResizeObserver(() => this.layOut());
    this.resizes.observe(parent);
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue });
    // Until the server has seen the last release, the hand is ahead of it.
    if (isNew && !this.held && (this.stamp == null || this.stamp === data.answered)) this.take(data.moved);
    const { alt, words, image, decoder } = data;
    this.field.setAttribute("aria-label", alt);
    this.field.setAttribute("aria-roledescription", words.role);
    this.help.textContent = words.help;
    this.encoded.caption.textContent = words.encoded;
    this.mean.caption.textContent = words.at_mean;
    paintPixels(this.encoded.canvas, bytes(image), decoder.side, 255);
    this.load();
    this.layOut(true);
  }

  // The latent and the value that the server holds: the first row at its mean where it holds none.
  take(moved) {
    const { rows, loc } = this.data;
    const [latent, value] = moved ?? [rows[0][0], loc[rows[0][0]]];
    this.row = Math.max(0, rows.findIndex((row) => row[0] === latent));
    this.value = value;
  }

  load() {
    const { grid, decoder, words } = this.data;
    if (this.wanted === `${grid}/${decoder.name}`) return;
    this.wanted = `${grid}/${decoder.name}`;
    const { wanted } = this;
    // What stands on the screen stays there until what replaces it is here: no flash.
    Object.assign(this.notice, { textContent: words.loading, hidden: Boolean(this.ready) });
    Promise.all([
      arriving("explorerTraversals", grid).promise,
      arriving("explorerDecoders", decoder.name).promise,
    ]).then(
      ([cells, decoding]) => {
        if (this.wanted !== wanted) return;
        const isFirst = !this.ready;
        Object.assign(this, { cells, decoding, ready: wanted });
        this.notice.hidden = true;
        this.layOut(true);
        // A link may ask for a row far down.
        if (isFirst) this.showRow();
      },
      (error) => Object.assign(this.notice, { textContent: words.unreadable.replace("{error}", error.message), hidden: false }),
    );
  }

  // All that a drag does not change, drawn once for a size, a theme and a grid.
  layOut(force = false) {
    const width = this.scroller.clientWidth;
    const ratio = window.devicePixelRatio;
    if (!width || (!force && width === this.width && ratio === this.ratio)) return;
    Object.assign(this, { width, ratio, theme: readTheme(this.root) });
    this.scroller.style.maxHeight = `${this.data.height}px`;
    this.places = placesOf(width, this.data.ticks.length);
    drawHead(this);
    if (this.ready === this.wanted) {
      drawRows(this);
      const { decoder, loc } = this.data;
      paintPixels(this.mean.canvas, this.decoding.decode(loc), decoder.side);
    }
    this.paint();
  }

  paint() {
    if (this.gone || !this.places) return;
    const start = performance.now();
    const { rows, loc, scale, words, decoder } = this.data;
    const { height, left, right } = this.places;
    const [latent, kl, isActive, low, high] = rows[this.row];
    const top = this.row * height;
    Object.assign(this.chosen.style, { transform: `translateY(${top}px)`, width: `${right}px`, height: `${height}px` });
    Object.assign(this.thumb.style, { transform: `translate(${this.toPixels(this.value)}px, ${top}px)`, height: `${height}px` });
    const parts = {
      latent: subscript(latent + 1),
      value: signed(this.value, 3),
      sign: this.value < loc[latent] ? "−" : "+",
      deviations: Math.abs((this.value - loc[latent]) / scale[latent]).toFixed(2),
      sd: scale[latent].toFixed(3),
      row: this.row + 1,
      rows: rows.length,
      kl: nats(kl),
      active: isActive ? words.active : "",
    };
    this.readout.textContent = `${fill(words.value, parts)}\n${fill(words.from_mean, parts)}`;
    this.field.setAttribute("aria-valuemin", Math.min(low, this.value));
    this.field.setAttribute("aria-valuemax", Math.max(high, this.value));
    this.field.setAttribute("aria-valuenow", this.value);
    this.field.setAttribute("aria-valuetext", fill(words.spoken, { ...parts, latent: latent + 1 }));
    if (this.ready === this.wanted) {
      const z = Float32Array.from(loc);
      z[latent] = this.value;
      paintPixels(this.decoded, this.decoding.decode(z), decoder.side);
    }
    performance.measure("traversal_pad.draw", { start });
  }

  listen() {
    const on = (name, action) => this.field.addEventListener(name, action);
    on("pointerdown", (event) => {
      if (event.button) return;
      this.field.setPointerCapture(event.pointerId);
      // A finger that goes up or down scrolls: it moves nothing until it goes along the row or is lifted.
      this.down = { row: this.rowAt(event) };
      if (event.pointerType !== "touch") this.follow(event);
    });
    on("pointermove", (event) => this.down && this.follow(event));
    on("pointerup", (event) => {
      if (!this.down) return;
      this.follow(event);
      this.down = null;
      this.release();
    });
    on("pointercancel", () => {
      this.down = null;
      this.release();
    });
    on("keydown", (event) => this.press(event));
    on("keyup", ({ key }) => KEYS.has(key) && this.release());
    on("blur", () => this.release());
  }

  rowAt({ clientY }) {
    const row = Math.floor((clientY - this.field.getBoundingClientRect().top) / this.places.height);
    return Math.max(0, Math.min(this.data.rows.length - 1, row));
  }

  follow({ clientX }) {
    const { first, step } = this.places;
    const [, , , low, high] = this.data.rows[this.down.row];
    const column = (clientX - this.field.getBoundingClientRect().left - first) / step;
    this.moveTo(this.down.row, low + ((high - low) * column) / (this.data.ticks.length - 1));
  }

  press(event) {
    if (!KEYS.has(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const { rows, loc } = this.data;
    const [latent, , , low, high] = rows[this.row];
    if (event.key === "Home") return this.moveTo(this.row, loc[latent]);
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (across) {
      const deviation = (high - low) / (this.data.ticks.length - 1) / LEAP;
      return this.moveTo(this.row, this.value + across * deviation * (event.shiftKey ? LEAP : STEP));
    }
    const row = Math.max(0, Math.min(rows.length - 1, this.row + (event.key === "ArrowDown" ? 1 : -1)));
    if (row !== this.row) this.moveTo(row, loc[rows[row][0]]);
    this.showRow();
  }

  // Along a row, within its ends or where it has been already. The other latents are at their means.
  moveTo(row, value) {
    const [latent, , , low, high] = this.data.rows[row];
    const mean = this.data.loc[latent];
    const [from, to] = [Math.min(low, mean), Math.max(high, mean)];
    this.held = true;
    this.row = row;
    this.value = Math.round(1e3 * Math.max(from, Math.min(to, value))) / 1e3;
    this.repaint();
  }

  // Scrolls the chosen row into sight, inside the pad alone.
  showRow() {
    const { height } = this.places;
    const top = this.row * height;
    const room = this.scroller.clientHeight - this.head.clientHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (top + height > this.scroller.scrollTop + room) this.scroller.scrollTop = top + height - room;
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.stamp = performance.timeOrigin + performance.now();
    this.setStateValue("moved", [this.data.rows[this.row][0], this.value, this.stamp]);
  }

  // From the left of the field; a value beyond the row stands at its end.
  toPixels(value) {
    const { first, step } = this.places;
    const [, , , low, high] = this.data.rows[this.row];
    const last = this.data.ticks.length - 1;
    return first + step * last * Math.max(-0.03, Math.min(1.03, (value - low) / (high - low)));
  }

  destroy() {
    this.gone = true;
    cancelAnimationFrame(this.painting);
    this.resizes.disconnect();
  }
}
