// One slider along several ways through the latent space, decoded in the browser. See __init__.py for what it is given.
export default function ({ data: [data], parentElement, setStateValue }) {
  const pad = (parentElement.pathPad ??= new PathPad(parentElement));
  pad.receive(data, setStateValue);
}

class PathPad extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "path-pad" });
    this.pictures = make("div", { className: "pictures" });
    this.slider = make("input", { type: "range", min: 0 });
    this.label = make("span", { ariaHidden: "true" });
    this.value = make("output");
    this.notice = make("div", { className: "notice", role: "status" });
    const row = make("div", { className: "row" });
    row.append(this.label, this.slider, this.value);
    this.root.append(this.pictures, row, this.notice);
    parent.append(this.root);
    this.slider.addEventListener("input", () => {
      this.held = true;
      this.repaint();
    });
    // Told when the hand lets go, and after each key.
    this.slider.addEventListener("change", () => this.release());
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue });
    if (!isNew) return;
    this.slider.max = data.length - 1;
    // Until the server has seen the last release, the hand is ahead of it.
    if (!this.held && (this.stamp == null || this.stamp === data.answered)) {
      this.slider.value = Math.round(data.start * (data.length - 1));
    }
    this.slider.setAttribute("aria-label", data.alt);
    this.label.textContent = data.words.slider;
    this.lay(data.ways);
    this.load(data.decoder.name);
  }

  // A picture a way, kept from one answer to the next.
  lay(ways) {
    while (this.pictures.children.length > ways.length) this.pictures.lastChild.remove();
    while (this.pictures.children.length < ways.length) {
      const figure = make("figure");
      figure.append(make("canvas", { ariaHidden: "true" }), make("figcaption"), make("output", { ariaLive: "off" }));
      this.pictures.append(figure);
    }
    this.ways = ways.map((way, place) => {
      const [canvas, caption, output] = this.pictures.children[place].children;
      caption.textContent = way.name;
      return { canvas, output, readouts: way.readouts, places: new Float32Array(bytes(way.places).buffer) };
    });
  }

  load(name) {
    if (this.name === name) return this.repaint();
    this.name = name;
    this.decoder = null;
    const { loading, unreadable } = this.data.words;
    Object.assign(this.notice, { textContent: loading, hidden: false });
    arriving("explorerDecoders", name).promise.then(
      (decoder) => {
        if (this.name !== name) return;
        this.decoder = decoder;
        this.notice.hidden = true;
        this.repaint();
      },
      (error) => (this.notice.textContent = unreadable.replace("{error}", error.message)),
    );
  }

  paint() {
    const start = performance.now();
    const { latents, side } = this.data.decoder;
    const place = this.slider.valueAsNumber;
    const share = (place / (this.data.length - 1)).toFixed(2);
    this.value.textContent = share;
    this.slider.setAttribute("aria-valuetext", `t = ${share}`);
    for (const { canvas, output, readouts, places } of this.ways) {
      output.textContent = readouts[place];
      if (!this.decoder) continue;
      paintPixels(canvas, this.decoder.decode(places.subarray(place * latents, (place + 1) * latents)), side);
    }
    performance.measure("path_pad.draw", { start });
  }

  release() {
    this.held = false;
    this.stamp = performance.timeOrigin + performance.now();
    this.setStateValue("share", [this.slider.valueAsNumber / (this.data.length - 1), this.stamp]);
  }
}
