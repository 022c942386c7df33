// The graphs of three computations, their sliders and their steps. See __init__.py for what it is given.
export default function ({ data: [data], parentElement, setStateValue }) {
  const graphs = (parentElement.autogradGraph ??= new AutogradGraph(parentElement));
  graphs.receive(data, setStateValue);
}

const NARROW = 700;

class AutogradGraph extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "autograd-graph" });
    this.controls = make("div", { className: "controls" });
    this.told = make("div", { className: "told", role: "status" });
    this.panels = make("div", { className: "panels" });
    this.root.append(this.controls, this.told, this.panels);
    parent.append(this.root);
    new ResizeObserver(() => this.data && this.repaint()).observe(this.root);
  }

  receive(data, setStateValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue });
    if (!isNew) return;
    if (this.rows?.length !== data.films.length + 1) this.makeRows();
    // Until the server has seen the last release, the hand is ahead of it.
    if (this.held == null && (this.stamp == null || this.stamp === data.answered)) {
      this.places = [...data.films.map((film) => film.start), data.step];
      this.moved = 0;
    }
    this.rows.forEach(({ input, label }, i) => {
      const film = data.films[i];
      label.textContent = film ? film.label : data.words.step;
      input.max = film ? film.values.length - 1 : data.last;
    });
    this.places = this.places.map((place, i) => Math.min(place, this.rows[i].input.max));
    const shape = JSON.stringify(data.panels.map(({ alt, ...still }) => still));
    if (shape !== this.shape) {
      this.shape = shape;
      this.drawn = data.panels.map((panel) => new GraphPanel(panel));
      this.panels.replaceChildren(...this.drawn.map(({ root }) => root));
    }
    this.laid = null;
    data.panels.forEach(({ alt }, i) => this.drawn[i].graph.setAttribute("aria-label", alt));
    this.repaint();
  }

  // A slider a film, and the last for the steps, between two buttons.
  makeRows() {
    this.rows = [...this.data.films, null].map((film, i) => {
      const id = `graph-${Math.random().toString(36).slice(2)}`;
      const label = make("label", { htmlFor: id });
      const input = make("input", { type: "range", id, min: 0, step: 1 });
      const output = make("output", { htmlFor: id, ariaLive: "off" });
      const row = make("div");
      row.append(label, input, output);
      this.listen(input, i);
      if (film === null) {
        this.back = this.button("◀", this.data.words.back, i, -1);
        this.on = this.button("▶", this.data.words.on, i, 1);
        input.before(this.back);
        input.after(this.on);
      }
      return { row, label, input, output };
    });
    this.controls.replaceChildren(...this.rows.map(({ row }) => row));
  }

  button(text, title, i, by) {
    const button = make("button", { type: "button", textContent: text, title, ariaLabel: title });
    button.addEventListener("click", () => {
      this.move(i, this.places[i] + by);
      this.release(i);
    });
    return button;
  }

  listen(input, i) {
    const on = (names, action) => names.split(" ").forEach((name) => input.addEventListener(name, action));
    on("input", () => this.move(i, input.valueAsNumber));
    // A key that is held down changes the value again and again: it counts once it is let go.
    on("keydown", () => (this.pressed = true));
    on("keyup blur", () => {
      this.pressed = false;
      this.release(i);
    });
    on("change pointerup", () => this.pressed || this.release(i));
  }

  move(i, place) {
    this.held = i;
    this.places[i] = place;
    if (i < this.data.films.length) this.moved = i;
    this.repaint();
  }

  release(i) {
    if (this.held !== i) return;
    this.held = null;
    this.stamp = performance.timeOrigin + performance.now();
    const values = this.data.films.map((film, place) => film.values[this.places[place]]);
    this.setStateValue("stand", [...values, this.places.at(-1), this.stamp]);
  }

  paint() {
    const start = performance.now();
    const { films, last, words } = this.data;
    const step = this.places.at(-1);
    this.rows.forEach(({ input, output }, i) => {
      const text = films[i] ? signed(films[i].values[this.places[i]], 2) : `${step} / ${last}`;
      input.value = this.places[i];
      input.setAttribute("aria-valuetext", text);
      output.textContent = text;
    });
    this.back.disabled = step === 0;
    this.on.disabled = step === last;
    const said = step === last ? words.done : step > last / 2 ? words.backward : words.forward;
    if (this.told.textContent !== said) this.told.textContent = said;
    const film = films[this.moved];
    this.drawn.forEach((panel, i) => panel.write(film.panels[i], this.places[this.moved]));
    const paint = () => this.drawn.forEach((panel) => panel.paint(step, last / 2, words));
    paint();
    // Not under the hand: the columns would dance.
    const width = this.root.clientWidth;
    if (this.laid !== width && this.held == null) {
      this.laid = width;
      const shares = this.drawn.map((panel) => `minmax(${panel.need()}px, ${panel.panel.rows}fr)`).join(" ");
      this.panels.style.gridTemplateColumns = width < NARROW ? "1fr" : shares;
      paint();
    }
    performance.measure("autograd_graph.draw", { start });
  }
}
