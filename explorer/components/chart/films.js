// Sliders that play the frames the server computed. One text with chart.js.
// A picture's sliders and the caption under them.
class Films {
  constructor(chart) {
    this.chart = chart;
    this.element = make("div");
    this.caption = make("p", { className: "caption", ariaLive: "polite" });
    this.rows = new Map();
  }

  // `moved` is the row whose frame the picture shows while the hand is ahead of the server.
  receive(films, answered) {
    for (const name of this.rows.keys()) if (!films.some((film) => film.name === name)) this.rows.delete(name);
    for (const film of films) {
      if (!this.rows.has(film.name)) this.rows.set(film.name, new FilmRow(this, film.name));
      this.rows.get(film.name).receive(film, answered[film.name]);
    }
    const elements = [...this.rows.values()].map((row) => row.element);
    const { children } = this.element;
    // Replacing a node, even by itself, would take the focus from it.
    if (elements.length !== children.length || elements.some((element, i) => element !== children[i]))
      this.element.replaceChildren(...elements);
    if (this.moved && (!this.moved.ahead || this.rows.get(this.moved.name) !== this.moved)) this.moved = null;
    // The caption of a film that is gone says nothing of the ones that came.
    if (this.rows.get(this.lastMoved?.name) !== this.lastMoved) this.lastMoved = null;
    this.showCaption();
  }

  showCaption() {
    const rows = [...this.rows.values()];
    const row = this.moved ?? this.lastMoved ?? rows.find(({ film }) => film.leads) ?? rows[0];
    // A number's sign as the sliders show it.
    const caption = (row?.film.captions[row.index] ?? "").replace(/(?<![\w-])-(?=\d)/g, "−");
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    this.caption.hidden = !rows.some(({ film }) => film.captions.length);
  }

  // The hand moved a slider: at most one redraw a frame of the screen.
  move(row) {
    this.moved = this.lastMoved = row;
    this.showCaption();
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      if (this.chart.gone || !this.chart.draws || !this.moved) return;
      const start = performance.now();
      play(this.chart.plot, this.moved.frame());
      performance.measure("chart.film", { start });
    });
  }

  release() {
    const film = {};
    for (const row of this.rows.values()) if (row.stamp) film[row.name] = [row.film.values[row.index], row.stamp];
    this.chart.setStateValue("film", film);
  }

  destroy() {
    cancelAnimationFrame(this.painting);
  }
}

// One slider and the frames it plays. `index` is the frame under the hand, `film.start` the one the server drew.
class FilmRow {
  constructor(films, name) {
    this.name = name;
    const id = `film-${Math.random().toString(36).slice(2)}`;
    this.element = make("div", { className: "film" });
    this.label = make("label", { htmlFor: id });
    this.input = make("input", { type: "range", id, min: 0, step: 1 });
    this.input.dataset.film = name;
    this.output = make("output", { htmlFor: id, ariaLive: "off" });
    this.element.append(this.label, this.input, this.output);
    this.films = films;
    const release = () => this.release();
    const listen = (events, action) => events.split(" ").forEach((event) => this.input.addEventListener(event, action));
    listen("input", () => this.go(this.input.valueAsNumber));
    listen("pointerdown", () => (this.held = true));
    listen("pointerup pointercancel blur", () => (this.held = false));
    // A key held down makes a change a repeat: one release when it is up again is enough.
    listen("keydown", ({ key }) => (this.held = key !== "Tab"));
    listen("keyup blur", () => {
      this.held = false;
      release();
    });
    listen("change", () => {
      this.unsent = true;
      if (!this.held) release();
    });
    listen("pointerup", () => setTimeout(release));
  }

  go(index) {
    this.index = index;
    this.ahead = true;
    this.show();
    this.films.move(this);
  }

  // Tells the server where the slider stands, once, if it has been moved.
  release() {
    if (!this.unsent) return;
    this.unsent = false;
    this.stamp = performance.timeOrigin + performance.now();
    this.films.release();
  }

  // `answered` is the stamp of the last release the server has seen; until it is ours the hand is ahead of the server.
  receive(film, answered) {
    const value = this.film?.values[this.index];
    const keep = this.ahead && (this.held || this.unsent || (this.stamp && this.stamp !== answered));
    this.film = film;
    this.blocks = null;
    this.index = keep ? nearest(film.values, value) : film.start;
    this.ahead = keep;
    this.label.textContent = film.label;
    this.input.max = film.values.length - 1;
    if (this.input.valueAsNumber !== this.index) this.input.value = this.index;
    this.show();
  }

  show() {
    const text = readable(this.film.values, this.index);
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }

  // [[trace, {attribute: values}], …] of the frame under the hand; the blocks are decoded when first needed.
  frame() {
    this.blocks ??= this.film.updates.map(({ block }) => new Float32Array(bytes(block).buffer));
    const traces = new Map();
    this.film.updates.forEach(({ trace, attribute, width, rows }, i) => {
      if (!traces.has(trace)) traces.set(trace, {});
      const block = this.blocks[i];
      const row = rows === 1 ? 0 : this.index;
      traces.get(trace)[attribute] = width ? block.subarray(row * width, (row + 1) * width) : block[row];
    });
    return [...traces];
  }
}

function nearest(values, value) {
  return values.reduce((best, candidate, i) => (Math.abs(candidate - value) < Math.abs(values[best] - value) ? i : best), 0);
}

// As many decimals as tell neighbours apart, so that the width does not dance.
function readable(values, i) {
  const gaps = values.slice(1).map((value, j) => Math.abs(value - values[j]));
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(Math.min(...gaps, 1)) - 0.01)));
  return values[i].toFixed(decimals).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
}
