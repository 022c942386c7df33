// Draws pictures with plotly.js in one node that is never replaced. See __init__.py for what it is given and reports.
// With the files beside it, it travels once a visit; mount.js, which travels with every picture, hands each one over.
const CONFIG = { responsive: true, displayModeBar: false, showTips: false, doubleClick: "reset" };
const WORDS = {};

export default function ({ data: [words] }) {
  Object.assign(WORDS, words);
  globalThis.explorerMount = ({ data: [data], parentElement, setStateValue, setTriggerValue }) => {
    parentElement.explorerChart ??= new Chart(parentElement);
    parentElement.explorerChart.receive(data, setStateValue, setTriggerValue);
  };
  globalThis.explorerWaiting?.forEach(globalThis.explorerMount);
  globalThis.explorerWaiting?.clear();
}

class Chart {
  constructor(parent) {
    this.root = make("figure", { className: "explorer-chart" });
    this.plot = make("div", { className: "plot", role: "img" });
    this.notice = make("div", { className: "notice", role: "status", textContent: WORDS.loading });
    this.tools = new Tools(this);
    this.films = new Films(this);
    this.drag = new Drag(this);
    this.root.append(this.plot, this.tools.element, this.notice, this.films.element, this.films.caption);
    parent.append(this.root);
    this.draws = 0;
    this.zoomResets = 0;
    this.late = setTimeout(() => (this.notice.textContent = WORDS.late), 20000);
    this.queue = Promise.resolve();
    this.onVisible = () => this.ask();
    document.addEventListener("visibilitychange", this.onVisible);
    // Streamlit joins a request that comes while it changes the page to that change, and then runs the old page again:
    // none on the way out, however long the server takes. The new page's first message ends this chart.
    this.path = location.pathname;
    this.onLeave = (event) => {
      if (this.isLeft(event)) this.leaving = performance.now() + 60000;
    };
    document.addEventListener("click", this.onLeave, true);
    addEventListener("popstate", this.onLeave);
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(this.plot);
  }

  receive(data, setStateValue, setTriggerValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue, setTriggerValue });
    // A change of theme calls again with the same data: nothing to ask for then.
    if (isNew) {
      clearTimeout(this.timer);
      this.owed = data.pull;
      this.plot.style.height = `${data.height}px`;
      this.plot.dataset.chartKey = data.key;
      this.plot.setAttribute("aria-label", data.alt);
      this.tools.csv.hidden = !data.table;
      keepStill(data);
      this.films.receive(data.films, data.answered);
      this.drag.receive();
    }
    this.redraw();
  }

  // Draws what was received last; a request superseded while plotly.js was busy is skipped.
  redraw() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.queue = this.queue.then(() => (turn === this.turn && !this.gone ? this.draw() : null)).catch((error) => this.fail(error));
  }

  async draw() {
    await plotlyLoaded();
    if (this.gone) return;
    const theme = readTheme(this.root);
    this.narrow = isNarrow(this.plot);
    const moving = movingOf(this.data);
    const hand = this.films.moved?.frame();
    if (hand) moving.frame.push(...hand);
    const { still, height } = this.data;
    const look = JSON.stringify([still.id, height, theme, this.narrow, this.zoomResets]);
    if (look !== this.look || !(await this.quietly(() => moveOn(this.plot, moving)))) {
      const figure = stillOf(this.data);
      if (!figure) return this.askForAll();
      await this.drawAll(figure, moving, theme);
      this.look = look;
    }
    if (this.gone) return;
    if (!this.draws) this.listen();
    clearTimeout(this.late);
    this.notice.hidden = true;
    this.plot.dataset.draws = ++this.draws;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.data.pause);
  }

  async drawAll(figure, moving, theme) {
    const { data, layout } = themed(figure, theme);
    for (const [trace, values] of moving.frame) assign(data[trace], values);
    assign(layout, Object.fromEntries(moving.layout));
    keepZoom(this.plot, layout, moving.layout, `${this.data.still.id}#${this.zoomResets}`);
    layout.template = template(theme, this.narrow);
    layout.uirevision = `${layout.uirevision ?? this.data.key}#${this.zoomResets}`;
    layout.autosize = true;
    await this.quietly(() => globalThis.Plotly.react(this.plot, data, layout, CONFIG));
  }

  // What the page itself changes is not the visitor's zoom.
  async quietly(change) {
    this.changing = true;
    try {
      return await change();
    } finally {
      this.changing = false;
    }
  }

  resize() {
    if (!this.draws || !this.plot.clientWidth) return; // in a tab that is not shown
    if (isNarrow(this.plot) === this.narrow) globalThis.Plotly.Plots.resize(this.plot);
    else this.redraw();
  }

  fail(error) {
    console.warn("chart:", error);
    clearTimeout(this.late);
    this.notice.hidden = false;
    this.notice.textContent = WORDS.failed.replace("{reason}", error.message);
  }

  listen() {
    this.plot.on("plotly_click", ({ points: [point] }) => {
      if (!this.data.clicks) return;
      const { x, y, z = null, curveNumber: curve, pointNumber = null } = point;
      this.setTriggerValue("click", { x, y, z, curve, point: pointNumber });
    });
    this.plot.on("plotly_relayout", (change) => {
      if (this.changing) return;
      if (Object.keys(change).some((name) => /axis\d*\.(range|autorange)/.test(name))) this.tools.reset.hidden = false;
    });
    this.plot.on("plotly_doubleclick", () => setTimeout(() => (this.tools.reset.hidden = true)));
  }

  resetZoom() {
    this.zoomResets += 1;
    this.tools.reset.hidden = true;
    this.redraw();
  }

  // Whether the event takes the visitor to another page of the app in this tab.
  isLeft({ type, target, ctrlKey, metaKey, shiftKey }) {
    if (type === "popstate") return location.pathname !== this.path;
    const link = target.closest?.("a[href]");
    if (!link || link.target === "_blank" || ctrlKey || metaKey || shiftKey) return false;
    return link.origin === location.origin && link.pathname !== this.path;
  }

  // Asks for the next batch, once a batch received, and only while somebody can see it.
  ask() {
    if (performance.now() < this.leaving) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 500);
      return;
    }
    if (this.owed == null || this.gone || document.hidden || !this.root.isConnected || !this.draws) return;
    const batch = this.owed;
    this.owed = null;
    this.setTriggerValue("next", { batch, held: heldStills() });
  }

  // The server left out a still part that is not here: an answer to this, which names no part held, brings all of it.
  askForAll() {
    this.setTriggerValue("next", { batch: null, held: {} });
  }

  destroy() {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.timer);
    clearTimeout(this.late);
    this.films.destroy();
    document.removeEventListener("visibilitychange", this.onVisible);
    document.removeEventListener("click", this.onLeave, true);
    removeEventListener("popstate", this.onLeave);
    this.resizes.disconnect();
    if (this.draws) globalThis.Plotly.purge(this.plot);
  }
}

// loader.js settles this promise, whether it comes before the first chart or after it.
function plotlyLoaded() {
  const parts = {};
  globalThis.explorerPlotly ??= Object.assign(parts, {
    promise: new Promise((resolve, reject) => Object.assign(parts, { resolve, reject })),
  });
  return globalThis.explorerPlotly.promise;
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
