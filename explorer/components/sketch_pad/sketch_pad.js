// Ink under the hand: pointer, touch or keys. The server hears of it when the pen is lifted. See __init__.py.
export default function ({ data: [data], parentElement, setStateValue }) {
  const pad = (parentElement.sketchPad ??= new SketchPad(parentElement));
  pad.receive(data, setStateValue);
}

// Pixels that are sent, and the pen's width: all lengths in parts of the side.
const SENT = 112;
const PEN = 0.085;
const STEP = 0.04;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

class SketchPad extends Painted {
  constructor(parent) {
    super();
    this.root = make("div", { className: "sketch-pad" });
    this.paper = make("canvas", { className: "paper", tabIndex: 0, role: "application", width: 2 * SENT, height: 2 * SENT });
    this.undo = make("button", { type: "button", onclick: () => this.takeBack() });
    this.clear = make("button", { type: "button", onclick: () => this.wipe() });
    this.help = make("div", { className: "help", id: `sketch-help-${Math.random().toString(36).slice(2)}` });
    const bar = make("div", { className: "bar" });
    bar.append(this.undo, this.clear);
    this.root.append(this.paper, bar, this.help);
    parent.append(this.root);
    this.paper.setAttribute("aria-describedby", this.help.id);
    Object.assign(this, { strokes: [], drawing: null, cursor: [0.5, 0.5], byKeys: false });
    this.listen();
    this.paint();
  }

  receive(data, setStateValue) {
    this.setStateValue = setStateValue;
    const { alt, words } = data;
    this.paper.setAttribute("aria-label", alt);
    this.undo.textContent = words.undo;
    this.clear.textContent = words.clear;
    this.help.textContent = words.help;
    this.paint();
  }

  listen() {
    const on = (name, action) => this.paper.addEventListener(name, action);
    const place = ({ offsetX, offsetY }) => [offsetX / this.paper.clientWidth, offsetY / this.paper.clientHeight];
    on("pointerdown", (event) => {
      if (event.button) return;
      this.paper.setPointerCapture(event.pointerId);
      this.byKeys = false;
      this.begin(place(event));
    });
    on("pointermove", (event) => {
      if (!this.drawing || this.byKeys) return;
      // A fast hand: every place the pointer has been since the last frame.
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const each of moves.length ? moves : [event]) this.drawing.push(place(each));
      this.repaint();
    });
    for (const name of ["pointerup", "pointercancel"]) on(name, () => this.byKeys || this.end());
    on("keydown", (event) => this.press(event));
    on("blur", () => this.end());
  }

  press(event) {
    const move = MOVES[event.key];
    if (move) {
      this.byKeys = true;
      const step = event.shiftKey ? STEP / 4 : STEP;
      this.cursor = this.cursor.map((value, axis) => Math.max(0, Math.min(1, value + step * move[axis])));
      this.drawing?.push(this.cursor);
    } else if (event.key === " ") {
      this.byKeys = true;
      if (this.drawing) this.end();
      else this.begin(this.cursor);
    } else if (event.key === "Backspace") this.takeBack();
    else return;
    event.preventDefault();
    this.repaint();
  }

  begin(place) {
    this.drawing = [place];
    this.strokes.push(this.drawing);
    this.repaint();
  }

  end() {
    if (!this.drawing) return;
    this.drawing = null;
    this.send();
  }

  takeBack() {
    this.drawing = null;
    if (this.strokes.pop()) this.send();
  }

  wipe() {
    this.drawing = null;
    if (!this.strokes.length) return;
    this.strokes = [];
    this.send();
  }

  send() {
    this.repaint();
    const small = Object.assign(document.createElement("canvas"), { width: SENT, height: SENT });
    const context = small.getContext("2d");
    drawStrokes(context, this.strokes, SENT);
    const { data } = context.getImageData(0, 0, SENT, SENT);
    let ink = "";
    for (let p = 0; p < SENT * SENT; p++) ink += String.fromCharCode(data[4 * p]);
    this.setStateValue("ink", [btoa(ink), performance.timeOrigin + performance.now()]);
  }

  paint() {
    const start = performance.now();
    const side = this.paper.width;
    const context = this.paper.getContext("2d");
    drawStrokes(context, this.strokes, side);
    if (this.byKeys) {
      Object.assign(context, { strokeStyle: this.drawing ? "#56b4e9" : "#e69f00", lineWidth: 3 });
      context.beginPath();
      context.arc(this.cursor[0] * side, this.cursor[1] * side, (PEN * side) / 2, 0, 7);
      context.stroke();
    }
    performance.measure("sketch_pad.draw", { start });
  }
}

// White on black in either theme, as the images are.
function drawStrokes(context, strokes, side) {
  Object.assign(context, { fillStyle: "#000", strokeStyle: "#fff", lineWidth: PEN * side, lineCap: "round", lineJoin: "round" });
  context.fillRect(0, 0, side, side);
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    // A touch without a move is a dot, and a line of no length is not drawn: it is made as long as a thousandth.
    if (stroke.length === 1) context.lineTo((stroke[0][0] + 0.001) * side, stroke[0][1] * side);
    for (const [x, y] of stroke) context.lineTo(x * side, y * side);
    context.stroke();
  }
}
