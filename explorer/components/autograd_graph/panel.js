// One computation: boxes in rows, the output on top, and lines between them. One text with autograd_graph.js.
const PITCH = 60;
const BOX = 40;
const UPRIGHT = 100;
const GAP = 6;
const SVG = "http://www.w3.org/2000/svg";

class GraphPanel {
  constructor(panel) {
    this.panel = panel;
    this.root = make("section");
    const title = make("h4", { className: "title", textContent: panel.title });
    title.style.borderColor = panel.colour;
    this.graph = make("div", { className: "graph", role: "img" });
    this.graph.style.height = `${(panel.rows - 1) * PITCH + BOX}px`;
    this.svg = document.createElementNS(SVG, "svg");
    this.graph.append(this.svg);
    this.boxes = panel.boxes.map(({ kind, row }) => {
      const box = make("div", { className: `box ${kind}` });
      const [text, name] = [make("div"), make("div", { className: "name" })];
      box.append(text, name);
      box.style.top = `${row * PITCH}px`;
      if (kind === "leaf") box.style.borderColor = panel.colour;
      this.graph.append(box);
      return { box, text, name };
    });
    this.lines = panel.lines.map(() => {
      const [path, head, stop] = ["path", "path", "path"].map((tag) => document.createElementNS(SVG, tag));
      const number = make("span", { className: "number" });
      this.svg.append(path, head, stop);
      this.graph.append(number);
      return { path, head, stop, number };
    });
    this.wall = make("div", { className: "wall" });
    this.graph.append(this.wall);
    this.fault = make("p", { className: "fault" });
    this.root.append(title, this.graph, this.fault);
  }

  // The numbers of a frame; what is the same in all frames is there once.
  write({ values, gradients, received }, frame) {
    const at = (list) => list[Math.min(frame, list.length - 1)] ?? "";
    this.received = Object.fromEntries(Object.entries(received).map(([place, list]) => [place, at(list)]));
    this.boxes.forEach(({ text }, i) => (text.textContent = `${this.panel.boxes[i].text} = ${at(values[i])}`));
    this.lines.forEach(({ number }, i) => (number.textContent = at(gradients[i])));
  }

  // The width that its fullest row asks for, beside the other panels.
  need() {
    const rows = new Array(this.panel.rows).fill(0);
    this.panel.boxes.forEach(({ row }, i) => (rows[row] += this.boxes[i].box.offsetWidth + 8));
    return Math.max(...rows);
  }

  // Up to the step `top` values go up a row a step; after it gradients come down again.
  paint(step, top, { error }) {
    const { boxes, lines, fault, colour } = this.panel;
    const back = step - top;
    const hits = Boolean(fault) && back > 0;
    const width = this.graph.clientWidth;
    boxes.forEach(({ kind, name, row }, i) => {
      const { box, name: second } = this.boxes[i];
      const has = kind === "leaf" && back > 0 && (fault || back >= row);
      second.textContent = has ? this.received[i] : name;
      box.classList.toggle("ahead", step < top - row);
    });
    this.places = boxes.map(({ at, row }, i) => ({ x: at * width, half: this.boxes[i].box.offsetWidth / 2, y: row * PITCH }));
    for (let row = 0; row < this.panel.rows; row++) this.apart(boxes.flatMap((box, i) => (box.row === row ? [this.places[i]] : [])), width);
    this.places.forEach(({ x }, i) => (this.boxes[i].box.style.left = `${x}px`));
    lines.forEach((line, i) => {
      const row = boxes[line.consumer].row;
      const reaches = back > row && !fault;
      this.draw(line, this.lines[i], { isAhead: step < top - row, isBack: reaches && line.followed, isStopped: reaches && !line.followed, width, colour });
    });
    const output = this.places.at(-1);
    this.wall.hidden = this.fault.hidden = !hits;
    Object.assign(this.wall.style, { left: `${output.x}px`, top: `${output.y + BOX + 5}px`, width: `${2 * output.half}px` });
    this.fault.textContent = error.replace("{fault}", fault);
  }

  // The boxes of a row within the panel, and none upon another as long as there is room.
  apart(places, width) {
    places.sort((one, other) => one.x - other.x);
    let edge = 0;
    for (const place of places) {
      place.x = Math.max(place.x, edge + place.half);
      edge = place.x + place.half + GAP;
    }
    edge = width;
    for (const place of places.reverse()) {
      place.x = Math.min(place.x, edge - place.half);
      edge = place.x - place.half - GAP;
    }
  }

  draw({ source, consumer, bends, followed }, { path, head, stop, number }, { isAhead, isBack, isStopped, width, colour }) {
    const [up, down] = [this.places[consumer], this.places[source]];
    const port = ({ x, half }, towards) => Math.min(Math.max(towards, x - half + 12), x + half - 12);
    const through = bends.map(([row, at]) => [at * width, row * PITCH]);
    const first = through[0]?.[0] ?? down.x;
    const ends = through.at(-1)?.[0] ?? up.x;
    const points = [[port(up, first), up.y + BOX], ...through.flatMap(([x, y]) => [[x, y], [x, y + BOX]]), [port(down, ends), down.y]];
    path.setAttribute("d", `M${points.map((point) => point.join()).join("L")}`);
    // A value goes up into the consumer, a gradient down into the source.
    const [[x, y], [fromX, fromY]] = isBack ? [points.at(-1), points.at(-2)] : [points[0], points[1]];
    const angle = Math.atan2(y - fromY, x - fromX);
    const wing = (turn) => [x - 8 * Math.cos(angle + turn), y - 8 * Math.sin(angle + turn)].join();
    head.setAttribute("d", `M${x},${y}L${wing(0.45)}L${wing(-0.45)}Z`);
    const ink = isBack ? colour : "currentColor";
    for (const [name, value] of Object.entries({ fill: "none", stroke: ink, "stroke-width": isBack ? 2.5 : 1.2, "stroke-opacity": isBack ? 1 : 0.6 })) path.setAttribute(name, value);
    path.setAttribute("stroke-dasharray", followed ? "none" : "4 3");
    head.setAttribute("fill", ink);
    head.setAttribute("fill-opacity", isBack ? 1 : 0.6);
    for (const part of [path, head]) part.classList.toggle("ahead", isAhead);
    // To the right of an upright line, on a slanting one.
    const isUpright = Math.abs(points[0][0] - points[1][0]) < UPRIGHT;
    const [middleX, middleY] = [0, 1].map((axis) => points[0][axis] + 0.55 * (points[1][axis] - points[0][axis]));
    const left = isUpright ? Math.max(points[0][0], points[1][0]) : middleX;
    Object.assign(number.style, { left: `${left}px`, top: `${middleY}px` });
    number.classList.toggle("beside", isUpright);
    number.hidden = !isBack || !number.textContent;
    stop.setAttribute("d", isStopped ? `M${middleX - 11},${middleY}H${middleX + 11}` : "");
    stop.setAttribute("stroke", "currentColor");
    stop.setAttribute("stroke-width", 5);
  }
}
