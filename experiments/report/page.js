"use strict";
// the controls: choosing, hiding, saving; their state is kept in the address
{
  const { data, dark, draw, hiddenOf, styleOf, solversOf, table } = lab;

  function legend(figure, block, redraw) {
    const entries = block.querySelector(".entries");
    entries.replaceChildren();
    const solvers = solversOf(figure);
    for (const solver of solvers) {
      const style = styleOf(figure, solver);
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      const hidden = hiddenOf(figure);
      box.checked = !hidden.has(solver);
      box.addEventListener("change", () => { box.checked ? hidden.delete(solver) : hidden.add(solver); redraw(); });
      const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      swatch.setAttribute("aria-hidden", "true");
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
      const dashes = { solid: "", dash: "8 4", dot: "2 4", dashdot: "8 4 2 4", longdash: "14 3" };
      for (const [key, value] of Object.entries({ x1: 1, x2: 33, y1: 7, y2: 7, stroke: style.colour, "stroke-width": 3, "stroke-dasharray": dashes[style.dash] })) {
        stroke.setAttribute(key, value);
      }
      swatch.append(stroke);
      label.append(box, swatch, document.createTextNode(solver));
      entries.append(label);
    }
  }

  function csv(rows) {
    const cell = (value) => {
      if (value === null) return "";
      if (typeof value === "number") return String(value);
      const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
      return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  function save(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name.replace(/[^A-Za-z0-9.]+/g, "-");
    link.click();
    URL.revokeObjectURL(link.href);
  }

  const blocks = [...document.querySelectorAll("figure.plot")];
  const changed = new Map(); // block.control -> its value, once a user has changed it

  function remember(control) {
    const block = blocks.indexOf(control.closest("figure.plot"));
    changed.set(`${block}.${control.dataset.control}`, control.value);
    const anchor = location.hash.slice(1).split(";")[0];
    history.replaceState(null, "", `#${[anchor, ...[...changed].map(([key, value]) => `${key}=${encodeURIComponent(value)}`)].join(";")}`);
  }

  function restore() {
    const [anchor, ...pairs] = location.hash.slice(1).split(";");
    for (const pair of pairs) {
      const [, block, control, value] = /^(\d+)\.(\w+)=(.*)$/.exec(pair) ?? [];
      if (blocks[block]) changed.set(`${block}.${control}`, decodeURIComponent(value));
    }
    if (pairs.length) document.getElementById(anchor)?.scrollIntoView();
  }

  function set(block, control) {
    const value = changed.get(`${blocks.indexOf(block)}.${control}`);
    if (value === undefined) return;
    for (const input of block.querySelectorAll(`[data-control="${control}"]`)) {
      if (input.type === "radio") input.checked = input.value === value;
      else input.value = value;
    }
  }

  function prepare(block) {
    const kind = block.dataset.kind;
    const which = block.querySelector(".which");
    const canvas = block.querySelector(".canvas");
    const slider = block.querySelector("input[type=range]");
    const current = () => data.figures[Number(which.value)];
    const redraw = () => {
      const figure = current();
      const [traces, frame] = draw[kind](figure, block);
      const key = (figure.classes ?? []).map((name, k) => `${String.fromCharCode(65 + k)} ${name}`).join(", ");
      canvas.setAttribute("aria-label", figure.title);
      block.querySelector("h3").textContent = figure.title;
      block.querySelector("figcaption").textContent = key ? `${key}. ${figure.caption}` : figure.caption;
      Plotly.react(canvas, traces, frame, { displayModeBar: false, responsive: true });
    };
    const choose = () => {
      const figure = current();
      if (slider) {
        slider.max = (figure.paths ?? figure.moments).length - 1;
        slider.value = figure.paths ? figure.shown[1] : slider.max;
      }
      if (block.querySelector(".entries")) legend(figure, block, redraw);
      redraw();
    };
    for (const control of block.querySelectorAll("[data-control]")) {
      control.addEventListener(control === slider ? "input" : "change", () => { remember(control); control === which ? choose() : redraw(); });
    }
    const toggle = (visible) => () => {
      const hidden = hiddenOf(current());
      for (const solver of solversOf(current())) visible ? hidden.delete(solver) : hidden.add(solver);
      legend(current(), block, redraw);
      redraw();
    };
    block.querySelector(".all")?.addEventListener("click", toggle(true));
    block.querySelector(".none")?.addEventListener("click", toggle(false));
    block.querySelector(".csv").addEventListener("click", () => save(`${current().title}.csv`, "text/csv", csv(table(current()))));
    block.querySelector(".svg").addEventListener("click", async () => {
      const url = await Plotly.toImage(canvas, { format: "svg", width: 1000, height: 560 });
      save(`${current().title}.svg`, "image/svg+xml", decodeURIComponent(url.slice(url.indexOf(",") + 1)));
    });
    dark.addEventListener("change", () => { if (block.querySelector(".entries")) legend(current(), block, redraw); redraw(); });
    set(block, "which");
    choose();
    for (const control of ["across", "scale", "slide"]) set(block, control);
    redraw();
  }

  // figures in sight are drawn at once, the others when the browser is idle, and all of them before printing
  restore();
  const waiting = new Set(blocks);
  const drawOne = (block) => { if (waiting.delete(block)) prepare(block); };
  const inSight = (block) => { const box = block.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; };
  blocks.filter(inSight).forEach(drawOne);
  const watch = new IntersectionObserver((seen) => seen.filter((entry) => entry.isIntersecting).forEach((entry) => drawOne(entry.target)), { rootMargin: "600px" });
  blocks.forEach((block) => watch.observe(block));
  window.addEventListener("beforeprint", () => blocks.forEach(drawOne));
  const later = () => {
    const [next] = waiting;
    if (next) { drawOne(next); requestIdleCallback(later); } else document.documentElement.dataset.drawn = "all";
  };
  requestIdleCallback(later);
  document.documentElement.dataset.ready = "yes";
}
