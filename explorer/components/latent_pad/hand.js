// How a hand moves the point, and the two ways between noise and latent. One text with latent_pad.js.

// The noise before its transform, as levels are drawn: loc and L of N(0, I).
const ROUND = [[0, 0], [[1, 0], [0, 1]]];

// z = loc + L eps.
function carry([[mx, my], [[a], [b, c]]], [e1, e2]) {
  return [mx + a * e1, my + b * e1 + c * e2];
}

// eps = L^-1 (z - loc).
function whiten([[mx, my], [[a], [b, c]]], [x, y]) {
  const e1 = (x - mx) / a;
  return [e1, (y - my - b * e1) / c];
}

// While the pointer is down on a canvas the point goes with it, as it does with the arrow keys; the server hears of the
// place where it is let go. toHeld: from a pointer's event to the point. unit: the length of a step of 1.
function handle(canvas, pad, toHeld, unit) {
  const on = (name, action) => canvas.addEventListener(name, action);
  const follow = (event) => pad.moveTo(...toHeld(event));
  on("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    pad.held = canvas;
    follow(event);
  });
  const isHeld = () => pad.held === canvas;
  on("pointermove", (event) => isHeld() && event.isPrimary && canvas.hasPointerCapture(event.pointerId) && follow(event));
  // A canvas that loses the focus to the other, just taken, does not let go for it.
  for (const name of ["pointerup", "pointercancel", "blur"]) on(name, () => isHeld() && pad.release());
  on("keydown", (event) => {
    const direction = STEPS[event.key];
    if (!direction) return;
    event.preventDefault();
    pad.held = canvas;
    const step = (event.shiftKey ? LEAP : STEP) * unit();
    pad.moveTo(pad.point[0] + step * direction[0], pad.point[1] + step * direction[1]);
  });
  on("keyup", ({ key }) => STEPS[key] && isHeld() && pad.release());
}

// The numbers of z = loc + L eps one under another: what is noise, what is transform, and what comes of them.
class Chain {
  constructor() {
    this.root = make("div", { className: "chain" });
    this.parts = {};
    for (const part of ["noise", "transform", "latent"]) {
      const name = make("div", { className: "name" });
      const value = make("output", { className: part, ariaLive: "off" });
      const root = make("div", { className: "part" });
      root.append(name, value);
      this.root.append(root);
      this.parts[part] = { root, name, value };
    }
  }

  receive({ ellipse, hand, words }) {
    const { noise, transform, latent } = this.parts;
    noise.root.hidden = transform.root.hidden = !ellipse;
    const held = hand === "eps" ? noise : latent;
    for (const [key, part] of Object.entries(this.parts)) {
      part.root.classList.toggle("held", part === held);
      part.name.textContent = part === held ? `${words[key]} · ${words.held}` : words[key];
    }
    this.signs = hand === "eps" ? ["ε ", "z = μ + Lε\n"] : ["ε = L⁻¹(z − μ)\n", "z "];
    if (!ellipse) return;
    const [loc, [[a], [b, c]]] = ellipse;
    const matrix = make("span", { className: "matrix" });
    for (const entry of [a, 0, b, c]) matrix.append(make("span", { textContent: signed(entry, 2) }), " ");
    transform.value.replaceChildren(`μ = ${couple(loc)}`, make("br"), "L = ", matrix);
  }

  // Writes both and returns them as a screen reader says them.
  paint(z, eps) {
    const { noise, latent } = this.parts;
    latent.value.textContent = `${this.signs[1]}= ${couple(z)}`;
    if (eps) noise.value.textContent = `${this.signs[0]}= ${couple(eps)}`;
    const say = (name, pair) => pair?.map((value, k) => `${name}${k + 1} ${rounded(value)}`).join(", ");
    return { z: say("z", z), eps: say("epsilon", eps) };
  }
}

function couple(pair) {
  return `(${pair.map(rounded).join(", ")})`;
}

// Far out the digits of the noise say nothing that one could use.
function rounded(value) {
  return signed(value, Math.abs(value) < 100 ? 2 : 0);
}
