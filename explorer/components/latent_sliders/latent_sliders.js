// Sliders over latents, and the picture they make beside the one to be matched. See __init__.py for what it is given.
export default function ({ data: [data], parentElement, setStateValue }) {
  const sliders = (parentElement.latentSliders ??= new LatentSliders(parentElement));
  sliders.receive(data, setStateValue);
}

const PICTURES = ["target", "yours", "difference"];

class LatentSliders extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "latent-sliders" });
    const pictures = make("div", { className: "pictures" });
    this.canvases = {};
    this.titles = {};
    for (const name of PICTURES) {
      const figure = make("figure");
      this.titles[name] = make("figcaption");
      this.canvases[name] = make("canvas", { className: name, role: "img" });
      figure.append(this.titles[name], this.canvases[name]);
      pictures.append(figure);
    }
    this.readout = make("output", { className: "distance", ariaLive: "off" });
    this.rows = make("div", { className: "rows" });
    this.root.append(pictures, this.readout, this.rows);
    parent.append(this.root);
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue });
    // Until the server has seen the last release, the hand is ahead of it.
    if (isNew && this.held == null && (this.stamp == null || this.stamp === data.answered)) this.places = [...data.places];
    const { alt, labels, words } = data;
    for (const name of PICTURES) {
      this.titles[name].textContent = words[name];
      this.canvases[name].setAttribute("aria-label", alt[name]);
    }
    if (this.labels !== labels.join()) this.makeRows(labels);
    if (this.packed !== data.target) {
      this.packed = data.target;
      this.target = new Float32Array(bytes(data.target).buffer);
      paintPixels(this.canvases.target, this.target, data.decoder.side);
      this.entropy = this.target.reduce((sum, t) => sum - (t > 0 ? t * Math.log(t) : 0) - (t < 1 ? (1 - t) * Math.log(1 - t) : 0), 0);
    }
    this.loadDecoder(data.decoder.name);
    this.paint();
  }

  loadDecoder(name) {
    if (this.decoderName === name) return;
    Object.assign(this, { decoderName: name, decoder: null });
    this.readout.textContent = this.data.words.loading;
    arriving("explorerDecoders", name).promise.then(
      (decoder) => {
        if (this.decoderName !== name) return;
        this.decoder = decoder;
        this.repaint();
      },
      (error) => (this.readout.textContent = this.data.words.unreadable.replace("{error}", error.message)),
    );
  }

  makeRows(labels) {
    this.labels = labels.join();
    this.held = null;
    this.places = [...this.data.places];
    this.inputs = labels.map((text, i) => {
      const row = make("label");
      const input = make("input", { type: "range" });
      const value = make("output", { ariaLive: "off" });
      row.append(make("span", { textContent: text }), input, value);
      this.listen(input, i);
      return { row, input, value };
    });
    this.rows.replaceChildren(...this.inputs.map(({ row }) => row));
  }

  listen(input, i) {
    const on = (name, action) => input.addEventListener(name, action);
    on("input", () => {
      this.held = i;
      this.places[i] = Number(input.value);
      this.repaint();
    });
    // A key that is held down changes the value again and again: it counts once it is let go.
    on("keydown", () => (this.pressed = true));
    on("keyup", () => {
      this.pressed = false;
      this.release(i);
    });
    on("change", () => this.pressed || this.release(i));
    // A pointer that comes back to where it took the slider makes no change.
    on("pointerup", () => this.release(i));
    on("blur", () => {
      this.pressed = false;
      this.release(i);
    });
  }

  // The slider that loses the focus does so when the next one is under the hand already: that one is not let go by it.
  release(i) {
    if (this.held !== i) return;
    this.held = null;
    this.stamp = performance.timeOrigin + performance.now();
    this.setStateValue("places", [...this.places, this.stamp]);
  }

  paint() {
    const start = performance.now();
    const { reach, step } = this.data;
    this.inputs.forEach(({ input, value }, i) => {
      const text = signed(this.places[i], 2);
      // The value last: the browser would keep it within the range of before.
      Object.assign(input, { min: -reach, max: reach, step, value: this.places[i] });
      input.setAttribute("aria-valuetext", text);
      value.textContent = text;
    });
    if (this.decoder) this.paintPictures();
    performance.measure("latent_sliders.draw", { start });
  }

  paintPictures() {
    const { best, decoder: { side }, dimensions, held, words } = this.data;
    const z = Float32Array.from(held);
    dimensions.forEach((dimension, i) => (z[dimension] = this.places[i]));
    const logits = this.decoder.logits(z);
    const pixels = logits.map((logit) => 1 / (1 + Math.exp(-logit)));
    let nats = -this.entropy;
    let squared = 0;
    for (let p = 0; p < logits.length; p++) {
      nats += Math.max(logits[p], 0) + Math.log1p(Math.exp(-Math.abs(logits[p]))) - this.target[p] * logits[p];
      squared += (pixels[p] - this.target[p]) ** 2;
    }
    paintPixels(this.canvases.yours, pixels, side);
    this.paintDifference(pixels, side);
    const said = { nats: Math.max(0, nats).toFixed(2), pixels: Math.sqrt(squared / pixels.length).toFixed(3), best: best[0], best_pixels: best[1] };
    this.readout.textContent = words.distance.replace(/\{(\w+)\}/g, (_, name) => said[name]);
  }

  // One colour where a pixel is too dark, the other where it is too bright; the page itself where it is right.
  paintDifference(pixels, side) {
    const canvas = this.canvases.difference;
    if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
    const context = canvas.getContext("2d");
    const image = context.createImageData(side, side);
    const [dark, bright] = this.data.colors.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
    for (let p = 0; p < side * side; p++) {
      const off = pixels[p] - this.target[p];
      image.data.set(off < 0 ? dark : bright, 4 * p);
      image.data[4 * p + 3] = 255 * Math.abs(off);
    }
    context.putImageData(image, 0, 0);
  }
}
