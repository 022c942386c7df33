// A film under the hand in the picture itself: where its values are places on an axis, a press or a drag in a panel of that
// axis moves its slider to the value nearest to the pointer. One text with chart.js.
class Drag {
  constructor(chart) {
    this.chart = chart;
    this.held = null;
    const listen = (events, action) =>
      events.split(" ").forEach((event) => chart.plot.addEventListener(event, action.bind(this), true));
    listen("pointerdown", this.begin);
    listen("pointermove", this.move);
    listen("pointerup pointercancel lostpointercapture", this.end);
  }

  // Along the axis a finger is the film's, across it the page's.
  receive() {
    const along = new Set([...this.chart.films.rows.values()].flatMap(({ film }) => film.hand.map(([letter]) => letter)));
    this.chart.plot.style.touchAction = { 0: "", 1: along.has("x") ? "pan-y" : "pan-x", 2: "none" }[along.size];
  }

  // The row whose film an axis of the panel under the pointer belongs to, and that axis; else null.
  under(event) {
    const rows = [...this.chart.films.rows.values()].filter(({ film }) => film.hand.length);
    if (!rows.length || !this.chart.draws) return null;
    for (const { xaxis, yaxis } of Object.values(this.chart.plot._fullLayout._plots)) {
      if (![xaxis, yaxis].every((axis) => this.along(event, axis) >= 0 && this.along(event, axis) <= axis._length)) continue;
      for (const row of rows) {
        const axis = [xaxis, yaxis].find(({ _id }) => row.film.hand.includes(_id));
        if (axis) return { row, axis };
      }
    }
    return null;
  }

  // The pointer's distance from the axis's first pixel.
  along({ clientX, clientY }, { _id: [letter], _offset }) {
    const { left, top } = this.chart.plot.getBoundingClientRect();
    return (letter === "x" ? clientX - left : clientY - top) - _offset;
  }

  begin(event) {
    const found = event.isPrimary && event.button === 0 ? this.under(event) : null;
    if (!found) return;
    this.held = { ...found, pointer: event.pointerId };
    found.row.held = true;
    // The pointer is ours from here: no zoom of Plotly's, no text selected; arrow keys go on from where it lets go.
    event.preventDefault();
    event.stopPropagation();
    this.chart.plot.setPointerCapture(event.pointerId);
    found.row.input.focus({ preventScroll: true });
    this.follow(event);
  }

  move(event) {
    if (this.held?.pointer === event.pointerId) return this.follow(event);
    if (this.held || event.pointerType === "touch") return;
    const found = this.under(event);
    this.chart.plot.classList.toggle("hand", Boolean(found));
    this.chart.plot.classList.toggle("upright", found?.axis._id[0] === "y");
  }

  follow(event) {
    const { row, axis } = this.held;
    const index = nearest(row.film.values, axis.p2d(this.along(event, axis)));
    if (index === row.index) return;
    row.input.value = index;
    row.unsent = true;
    row.go(index);
  }

  end(event) {
    if (this.held?.pointer !== event.pointerId) return;
    const { row } = this.held;
    this.held = null;
    row.held = false;
    row.release();
  }
}
