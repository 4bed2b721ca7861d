"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const ends = { budget: "line-ns-open", stalled: "square", diverged: "x" };
  const statuses = ["solved", "budget", "stalled", "diverged"];

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => (dark.matches ? data.dark : data.light);

  function look(solver, solvers) {
    const known = data.solvers.indexOf(solver);
    const k = known >= 0 ? known : data.solvers.length + solvers.indexOf(solver);
    const colours = palette();
    return {
      colour: colours[k % colours.length],
      dash: data.dashes[Math.floor(k / colours.length) % data.dashes.length],
      mark: data.marks[k % data.marks.length],
    };
  }

  // a figure with many curves begins with those that tell most; a hand adds and takes away
  const hiddenIn = new Map();
  function hiddenOf(figure) {
    if (!hiddenIn.has(figure)) hiddenIn.set(figure, new Set(solversOf(figure).filter((solver) => !figure.shown.includes(solver))));
    return hiddenIn.get(figure);
  }

  const solversOf = (figure) => [...new Set(figure.curves.map((curve) => curve.solver))];

  function axis(title, type, more) {
    return {
      title: { text: title, standoff: 10 }, type, gridcolor: css("--line"), linecolor: css("--quiet"), zeroline: false,
      exponentformat: "power", automargin: true, ...(type === "log" ? { dtick: 1 } : {}), ...more,
    };
  }

  function layout(x, y, more) {
    return {
      xaxis: x, yaxis: y, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: css("--ink"), family: "system-ui, sans-serif", size: 13 },
      margin: { l: 62, r: 12, t: 12, b: 48 }, hovermode: "closest", shapes: [], ...more,
    };
  }

  const line = (where) => ({ type: "line", line: { color: css("--ink"), width: 1, dash: "dot" }, ...where });

  const draw = {
    convergence(figure, block) {
      const across = block.querySelector(".across:checked").value;
      const scale = block.querySelector(".scale:checked").value;
      const solvers = solversOf(figure);
      const [floor, roof] = figure.drawn;
      const traces = [];
      for (const curve of figure.curves) {
        if (hiddenOf(figure).has(curve.solver)) continue;
        const style = look(curve.solver, solvers);
        const kept = curve[across].map((x, i) => [x, curve.gap[i]])
          .filter(([x, gap]) => x !== null && gap !== null && (scale === "linear" || x > 0));
        if (!kept.length) continue;
        const x = kept.map((pair) => pair[0]), y = kept.map((pair) => Math.min(Math.max(pair[1], floor), roof));
        const last = kept.length - 1;
        traces.push({
          type: "scatter", mode: "lines+markers", x, y, name: curve.solver,
          line: { color: style.colour, dash: style.dash, width: 2 },
          marker: {
            color: style.colour, line: { color: style.colour, width: 2 },
            size: x.map((_, i) => (i === last ? 11 : 5)),
            symbol: x.map((_, i) => (i === last && curve.status !== "solved" ? ends[curve.status] || "x" : style.mark)),
          },
          customdata: kept.map((pair) => pair[1]),
          hovertemplate: `${curve.solver}<br>${curve.status}<br>%{x:.4g}, gap %{customdata:.3g}<extra></extra>`,
        });
      }
      const titles = { seconds: "seconds in the solver", iterations: "iterates", passes: "passes over the data" };
      return [traces, layout(axis(titles[across], scale), axis(figure.measure.replace("-", "\u2212"), "log"), {
        shapes: [line({ xref: "paper", x0: 0, x1: 1, y0: figure.tolerance, y1: figure.tolerance })],
      })];
    },

    sweep(figure, block) {
      const show = block.querySelector(".across:checked").value;
      const top = Math.max(...figure.steps.map((step) => step.iterations));
      const [floor, roof] = figure.drawn;
      const height = (step) => {
        if (show === "gap") return step.gap === null ? roof : Math.min(Math.max(step.gap, floor), roof);
        return step.status === "solved" ? step.iterations : top;
      };
      const right = 1.3 * Math.max(...figure.steps.map((step) => step.ratio));
      const heights = figure.steps.map(height);
      const low = Math.min(...heights, figure.tolerance / (show === "gap" ? 3 : 1e-9)) / 1.5, high = Math.max(...heights) * 1.5;
      const traces = [{
        type: "scatter", mode: "lines", x: [1, right, right, 1, 1], y: [low, low, high, high, low], fill: "toself",
        line: { width: 0 }, fillcolor: "rgba(0,0,0,0)", fillpattern: { shape: "/", fgcolor: css("--quiet"), size: 9, solidity: 0.12 },
        hoverinfo: "skip",
      }];
      const colours = palette();
      statuses.forEach((status, k) => {
        const chosen = figure.steps.filter((step) => step.status === status);
        const colour = colours[[0, 4, 3, 1][k]];
        traces.push({
          type: "scatter", mode: status === "solved" ? "lines+markers" : "markers", name: status,
          x: chosen.map((step) => step.ratio), y: chosen.map(height),
          line: { color: colour }, marker: { color: colour, size: 10, symbol: ends[status] || "circle", line: { color: colour, width: 2 } },
          hovertemplate: `%{x:.4g} \u00d7 2/L: ${status}<br>%{y:.4g}<extra></extra>`, showlegend: chosen.length > 0,
        });
      });
      traces[0].showlegend = false;
      const shapes = [line({ x0: 1, x1: 1, yref: "paper", y0: 0, y1: 1, line: { color: css("--ink"), width: 2 } })];
      if (show === "gap") shapes.push(line({ xref: "paper", x0: 0, x1: 1, y0: figure.tolerance, y1: figure.tolerance }));
      return [traces, layout(
        axis("step, in units of 2/L", "log", { range: [Math.log10(figure.steps[0].ratio / 1.5), Math.log10(right)] }),
        axis(show === "gap" ? "gap at the end" : "iterates to the tolerance", "log", { range: [Math.log10(low), Math.log10(high)] }),
        { shapes, showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false }, margin: { l: 62, r: 12, t: 40, b: 48 } },
      )];
    },

    contour(figure, block) {
      const slider = block.querySelector(".rate");
      const path = figure.paths[Number(slider.value)];
      slider.setAttribute("aria-valuetext", path.label);
      block.querySelector("output").textContent = path.label;
      const colour = dark.matches ? "#ff9e5e" : "#b84500";
      const least = Math.min(...figure.gap.flat().filter((gap) => gap > 0));
      return [[
        {
          type: "contour", x: figure.x, y: figure.y, z: figure.gap.map((row) => row.map((gap) => Math.log10(Math.max(gap, least)))),
          contours: { coloring: "lines" }, ncontours: 16, showscale: false, colorscale: [[0, css("--quiet")], [1, css("--quiet")]],
          hoverinfo: "skip",
        },
        {
          type: "scatter", mode: "lines+markers", x: path.points.map((p) => p[0]), y: path.points.map((p) => p[1]),
          line: { color: colour, width: 2 }, marker: { color: colour, size: 6 },
          hovertemplate: "iterate %{pointNumber}: %{x:.4g}, %{y:.4g}<extra></extra>",
        },
        {
          type: "scatter", mode: "markers", x: [figure.minimum[0]], y: [figure.minimum[1]],
          marker: { color: css("--ink"), size: 13, symbol: "cross" }, hovertemplate: "the minimum<extra></extra>",
        },
      ], layout(
        axis(figure.axes[0], "linear", { range: [figure.x[0], figure.x.at(-1)], constrain: "domain" }),
        axis(figure.axes[1], "linear", { range: [figure.y[0], figure.y.at(-1)], scaleanchor: "x", constrain: "domain" }),
      )];
    },

    boundary(figure) {
      const few = figure.points.length <= 50;
      const points = (label, symbol, colour) => {
        const own = figure.points.filter((point) => point[2] === label);
        return {
          type: "scatter", mode: "markers", name: `label ${label}`, x: own.map((p) => p[0]), y: own.map((p) => p[1]),
          marker: { symbol, color: colour, size: few ? 11 : 5, line: { color: "#777777", width: few ? 2 : 1 } },
          hovertemplate: `label ${label}: %{x:.3g}, %{y:.3g}<extra></extra>`,
        };
      };
      const line = {
        type: "contour", x: figure.x, y: figure.y, z: figure.probability, showscale: false, hoverinfo: "skip",
        contours: { start: 0.5, end: 0.5, size: 1, coloring: "lines" }, colorscale: [[0, "#ffffff"], [1, "#ffffff"]],
        line: { width: 3, color: "#ffffff" }, visible: figure.line,
      };
      const labels = [points(1, "circle", "#ffffff"), points(-1, "square", "#000000")];
      if (figure.points.at(-1)?.[2] === 1) labels.reverse(); // the rarer label comes last, on top
      return [[
        {
          type: "heatmap", x: figure.x, y: figure.y, z: figure.probability, zmin: 0, zmax: 1, colorscale: "Cividis",
          colorbar: { orientation: "h", y: -0.2, yanchor: "top", thickness: 12 },
          hovertemplate: "%{x:.3g}, %{y:.3g}: p = %{z:.3f}<extra></extra>",
        },
        line,
        ...labels,
      ], layout(
        axis(figure.axes[0], "linear", { range: [figure.x[0], figure.x.at(-1)], constrain: "domain" }),
        axis(figure.axes[1], "linear", { range: [figure.y[0], figure.y.at(-1)], constrain: "domain" }),
        { showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false }, margin: { l: 62, r: 12, t: 40, b: 110 } },
      )];
    },
  };

  function legend(figure, block, redraw) {
    const entries = block.querySelector(".entries");
    entries.replaceChildren();
    const solvers = solversOf(figure);
    for (const solver of solvers) {
      const style = look(solver, solvers);
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

  function table(figure) {
    if (figure.kind === "convergence") {
      return [["solver", "seed", "status", "iteration", "seconds", "passes", "gap"], ...figure.curves.flatMap((curve) =>
        curve.iterations.map((k, i) => [curve.solver, curve.seed, curve.status, k, curve.seconds[i], curve.passes[i], curve.gap[i]]))];
    }
    if (figure.kind === "sweep") {
      return [["ratio", "step", "status", "iterations", "gap"], ...figure.steps.map((step) => [step.ratio, step.step, step.status, step.iterations, step.gap])];
    }
    if (figure.kind === "contour") {
      return [["run", "iteration", ...figure.axes], ...figure.paths.flatMap((path) => path.points.map((point, i) => [path.label, i, ...point]))];
    }
    return [[...figure.axes, "probability"], ...figure.probability.flatMap((row, j) => row.map((p, i) => [figure.x[i], figure.y[j], p]))];
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

  for (const block of document.querySelectorAll("figure.plot")) {
    const kind = block.dataset.kind;
    const which = block.querySelector(".which");
    const canvas = block.querySelector(".canvas");
    const current = () => data.figures[Number(which.value)];
    const redraw = () => {
      const figure = current();
      const [traces, frame] = draw[kind](figure, block);
      canvas.setAttribute("aria-label", figure.title);
      block.querySelector("h3").textContent = figure.title;
      block.querySelector("figcaption").textContent = figure.caption;
      Plotly.react(canvas, traces, frame, { displayModeBar: false, responsive: true });
    };
    const choose = () => {
      const figure = current();
      if (kind === "contour") {
        const slider = block.querySelector(".rate");
        slider.max = figure.paths.length - 1;
        slider.value = figure.shown[1];
      }
      if (kind === "convergence") legend(figure, block, redraw);
      redraw();
    };
    which.addEventListener("change", choose);
    for (const control of block.querySelectorAll(".across, .scale")) control.addEventListener("change", redraw);
    block.querySelector(".rate")?.addEventListener("input", redraw);
    const toggle = (visible) => () => {
      const hidden = hiddenOf(current());
      for (const solver of solversOf(current())) visible ? hidden.delete(solver) : hidden.add(solver);
      choose();
    };
    block.querySelector(".all")?.addEventListener("click", toggle(true));
    block.querySelector(".none")?.addEventListener("click", toggle(false));
    block.querySelector(".csv").addEventListener("click", () => save(`${current().title}.csv`, "text/csv", csv(table(current()))));
    block.querySelector(".svg").addEventListener("click", async () => {
      const url = await Plotly.toImage(canvas, { format: "svg", width: 1000, height: 560 });
      save(`${current().title}.svg`, "image/svg+xml", decodeURIComponent(url.slice(url.indexOf(",") + 1)));
    });
    dark.addEventListener("change", choose);
    choose();
  }
  document.documentElement.dataset.ready = "yes";
}
