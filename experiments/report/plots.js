"use strict";
// how each kind of figure is drawn, and the numbers of its CSV file
const lab = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const endMarks = { budget: "line-ns-open", stalled: "square", diverged: "x" };
  const statuses = ["solved", "budget", "stalled", "diverged"];

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => (dark.matches ? data.dark : data.light);

  function styleOfSolver(solver, solvers) {
    const known = data.solvers.indexOf(solver);
    return styleNumber(known >= 0 ? known : data.solvers.length + solvers.indexOf(solver));
  }

  function styleNumber(k) {
    const colours = palette();
    return {
      colour: colours[k % colours.length],
      dash: data.dashes[Math.floor(k / colours.length) % data.dashes.length],
      mark: data.marks[k % data.marks.length],
    };
  }

  function styleOf(figure, label) {
    if (!figure.lines) return styleOfSolver(label, solversOf(figure));
    const k = solversOf(figure).indexOf(label);
    return figure.lines[k].guide ? { colour: css("--ink"), dash: "dot", mark: "" } : styleNumber(k);
  }

  // a figure with many curves first shows those in `shown`; a user adds and removes others
  const hiddenIn = new Map();
  function hiddenOf(figure) {
    if (!hiddenIn.has(figure)) hiddenIn.set(figure, new Set(solversOf(figure).filter((solver) => figure.shown && !figure.shown.includes(solver))));
    return hiddenIn.get(figure);
  }

  const solversOf = (figure) => (figure.lines ? figure.lines.map((line) => line.label) : [...new Set(figure.curves.map((curve) => curve.solver))]);

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

  const line = (ends) => ({ type: "line", line: { color: css("--ink"), width: 1, dash: "dot" }, ...ends });

  const draw = {
    convergence(figure, block) {
      const across = block.querySelector(".across:checked").value;
      const scale = block.querySelector(".scale:checked").value;
      const solvers = solversOf(figure);
      const [floor, roof] = figure.drawn;
      const traces = [];
      for (const curve of figure.curves) {
        if (hiddenOf(figure).has(curve.solver)) continue;
        const style = styleOfSolver(curve.solver, solvers);
        const points = curve[across].map((x, i) => [x, curve.gap[i]])
          .filter(([x, gap]) => x !== null && gap !== null && (scale === "linear" || x > 0));
        if (!points.length) continue;
        const x = points.map((pair) => pair[0]), y = points.map((pair) => Math.min(Math.max(pair[1], floor), roof));
        const last = points.length - 1;
        traces.push({
          type: "scatter", mode: "lines+markers", x, y, name: curve.solver,
          line: { color: style.colour, dash: style.dash, width: 2 },
          marker: {
            color: style.colour, line: { color: style.colour, width: 2 },
            size: x.map((_, i) => (i === last ? 11 : 5)),
            symbol: x.map((_, i) => (i === last && curve.status !== "solved" ? endMarks[curve.status] || "x" : style.mark)),
          },
          customdata: points.map((pair) => pair[1]),
          hovertemplate: `${curve.solver}<br>${curve.status}<br>%{x:.4g}, gap %{customdata:.3g}<extra></extra>`,
        });
      }
      const titles = { seconds: "seconds in the solver", iterations: "iterations", passes: "passes over the data" };
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
      const limit = figure.limit ?? right;
      const traces = [{
        type: "scatter", mode: "lines", x: [limit, right, right, limit, limit], y: [low, low, high, high, low], fill: "toself",
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
          line: { color: colour }, marker: { color: colour, size: 10, symbol: endMarks[status] || "circle", line: { color: colour, width: 2 } },
          hovertemplate: `%{x:.4g} \u00d7 ${figure.unit}: ${status}<br>%{y:.4g}<extra></extra>`, showlegend: chosen.length > 0,
        });
      });
      traces[0].showlegend = false;
      const shapes = figure.limit ? [line({ x0: limit, x1: limit, yref: "paper", y0: 0, y1: 1, line: { color: css("--ink"), width: 2 } })] : [];
      if (show === "gap") shapes.push(line({ xref: "paper", x0: 0, x1: 1, y0: figure.tolerance, y1: figure.tolerance }));
      return [traces, layout(
        axis(`step, in units of ${figure.unit}`, "log", { range: [Math.log10(figure.steps[0].ratio / 1.5), Math.log10(right)] }),
        axis(show === "gap" ? "gap at the end" : "iterations to the tolerance", "log", { range: [Math.log10(low), Math.log10(high)] }),
        { shapes, showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false }, margin: { l: 62, r: 12, t: 40, b: 48 } },
      )];
    },

    contour(figure, block) {
      const slider = block.querySelector(".rate");
      const path = figure.paths[Number(slider.value)];
      slider.setAttribute("aria-valuetext", path.label);
      block.querySelector("output").textContent = path.label;
      const colour = dark.matches ? "#ff9e5e" : "#b84500";
      // a point far outside only shows the direction, and plotly cannot draw numbers such as 1e30
      const clamped = (value, range) => { const span = range.at(-1) - range[0]; return Math.min(Math.max(value, range[0] - 99 * span), range.at(-1) + 99 * span); };
      const least = Math.min(...figure.gap.flat().filter((gap) => gap > 0));
      return [[
        {
          type: "contour", x: figure.x, y: figure.y, z: figure.gap.map((row) => row.map((gap) => Math.log10(Math.max(gap, least)))),
          contours: { coloring: "lines" }, ncontours: 16, showscale: false, colorscale: [[0, css("--quiet")], [1, css("--quiet")]],
          hoverinfo: "skip",
        },
        {
          type: "scatter", mode: "lines+markers", x: path.points.map((p) => clamped(p[0], figure.x)), y: path.points.map((p) => clamped(p[1], figure.y)),
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
        const rows = figure.points.filter((point) => point[2] === label);
        return {
          type: "scatter", mode: "markers", name: `label ${label}`, x: rows.map((p) => p[0]), y: rows.map((p) => p[1]),
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

    lines(figure) {
      const traces = [];
      figure.lines.forEach((series, k) => {
        if (hiddenOf(figure).has(series.label)) return;
        const style = styleNumber(k);
        if (series.low.length) {
          const edge = { type: "scatter", mode: "lines", x: series.x, line: { width: 0 }, hoverinfo: "skip" };
          traces.push({ ...edge, y: series.low }, { ...edge, y: series.high, fill: "tonexty", fillcolor: `${style.colour}33` });
        }
        traces.push({
          type: "scatter", mode: series.guide || series.x.length > 40 ? "lines" : "lines+markers", x: series.x, y: series.y, name: series.label,
          line: series.guide ? { color: css("--ink"), width: 1, dash: "dot" } : { color: style.colour, dash: style.dash, width: 2 },
          marker: { color: style.colour, symbol: style.mark, size: 7 },
          hovertemplate: `${series.label}<br>%{x:.4g}: %{y:.4g}<extra></extra>`,
        });
      });
      const note = (text, position) => ({ text, showarrow: false, font: { size: 11, color: css("--quiet") }, ...position });
      const onScale = (value, scale) => (scale === "log" ? Math.log10(value) : value);
      return [traces, layout(axis(figure.axes[0], figure.scales[0]), axis(figure.axes[1], figure.scales[1]), {
        shapes: [
          ...figure.upright.map(([x]) => line({ x0: x, x1: x, yref: "paper", y0: 0, y1: 1 })),
          ...figure.level.map(([y]) => line({ xref: "paper", x0: 0, x1: 1, y0: y, y1: y })),
        ],
        annotations: [
          ...figure.upright.map(([x, text]) => note(text, { x: onScale(x, figure.scales[0]), yref: "paper", y: 1, textangle: -90, xanchor: "right", yanchor: "top" })),
          ...figure.level.map(([y, text]) => note(text, { xref: "paper", x: 1, y: onScale(y, figure.scales[1]), xanchor: "right", yanchor: "bottom" })),
        ],
      })];
    },

    bars(figure) {
      const hatches = ["", "/", ".", "x", "\\", "+", "-", "|"];
      const traces = figure.groups.map(([label, values], k) => ({
        type: "bar", name: label, x: figure.names, y: values,
        marker: { color: styleNumber(k).colour, pattern: { shape: hatches[k % hatches.length], fillmode: "overlay", fgcolor: css("--ground"), solidity: 0.25 } },
        hovertemplate: `%{x}<br>${label}: %{y:.4g}<extra></extra>`,
      }));
      const many = figure.groups.length > 1;
      return [traces, layout(axis(figure.axes[0], "category"), axis(figure.axes[1], figure.scale), {
        barmode: "group", showlegend: many, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false },
        margin: { l: 62, r: 12, t: many ? 40 : 12, b: 48 },
      })];
    },

    field(figure) {
      const count = figure.classes.length;
      const logarithm = figure.scale === "log" && !count;
      const shown = figure.z.map((row) => row.map((z) => (z === null ? null : logarithm ? Math.log10(z) : z)));
      const trace = {
        type: "heatmap", x: figure.x, y: figure.y, z: shown, customdata: figure.z, hoverongaps: false, xgap: 1, ygap: 1,
        hovertemplate: `%{x}, %{y}<br>${figure.measure}: %{customdata:.4g}<extra></extra>`,
      };
      if (count) {
        const colours = figure.classes.map((_, k) => styleNumber(k).colour);
        Object.assign(trace, {
          zmin: -0.5, zmax: count - 0.5, showscale: false,
          colorscale: colours.flatMap((colour, k) => [[k / count, colour], [(k + 1) / count, colour]]),
          text: figure.z.map((row) => row.map((z) => (z === null ? "" : String.fromCharCode(65 + z)))), texttemplate: "%{text}",
          textfont: { color: dark.matches ? "#14181d" : "#ffffff" },
          customdata: figure.z.map((row) => row.map((z) => (z === null ? "" : figure.classes[z]))),
          hovertemplate: `%{x}, %{y}<br>${figure.measure}: %{customdata}<extra></extra>`,
        });
      } else {
        const ticks = logarithm ? { tickprefix: "10^" } : {};
        Object.assign(trace, { colorscale: "Cividis", colorbar: { orientation: "h", y: 1.02, yanchor: "bottom", thickness: 12, title: { text: figure.measure, side: "top" }, ...ticks } });
      }
      return [[trace], layout(axis(figure.axes[0], "category"), axis(figure.axes[1], "category"), { margin: { l: 62, r: 12, t: count ? 12 : 76, b: 60 } })];
    },

    frames(figure, block) {
      const slider = block.querySelector(".moment");
      const k = Number(slider.value);
      slider.setAttribute("aria-valuetext", figure.moments[k]);
      block.querySelector("output").textContent = figure.moments[k];
      const bytes = Uint8Array.from(atob(figure.shades[k]), (letter) => letter.charCodeAt(0));
      const probability = figure.y.map((_, j) => Array.from(bytes.subarray(j * figure.x.length, (j + 1) * figure.x.length), (byte) => byte / 255));
      const canvas = block.querySelector(".training");
      canvas.hidden = !figure.traces.length;
      if (figure.traces.length) {
        const traces = figure.traces.map((series, n) => ({
          type: "scatter", mode: "lines", x: series.x, y: series.y, name: series.label, line: { color: styleNumber(n).colour, dash: styleNumber(n).dash, width: 2 },
          hovertemplate: `${series.label}: %{y:.4g}<extra></extra>`,
        }));
        const at = figure.traces[0].x[k];
        Plotly.react(canvas, traces, layout(axis("iterations", "linear"), axis("", "log"), {
          shapes: [line({ x0: at, x1: at, yref: "paper", y0: 0, y1: 1 })], showlegend: true,
          legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false }, margin: { l: 62, r: 12, t: 60, b: 48 },
        }), { displayModeBar: false, responsive: true });
      }
      const crossed = probability.flat().some((p) => p > 0.5) && probability.flat().some((p) => p < 0.5);
      return draw.boundary({ ...figure, probability, line: crossed });
    },
  };

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
    if (figure.kind === "lines") {
      return [["series", figure.axes[0], figure.axes[1], "low", "high"], ...figure.lines.flatMap((series) =>
        series.x.map((x, i) => [series.label, x, series.y[i], series.low[i] ?? null, series.high[i] ?? null]))];
    }
    if (figure.kind === "bars") {
      return [[figure.axes[0], ...figure.groups.map((group) => group[0])], ...figure.names.map((name, i) => [name, ...figure.groups.map((group) => group[1][i])])];
    }
    if (figure.kind === "field") {
      const value = (z) => (z === null || !figure.classes.length ? z : figure.classes[z]);
      return [[...figure.axes, figure.measure], ...figure.z.flatMap((row, j) => row.map((z, i) => [figure.x[i], figure.y[j], value(z)]))];
    }
    if (figure.kind === "frames") {
      return [["moment", ...figure.traces.map((series) => series.label)], ...figure.moments.map((moment, k) => [moment, ...figure.traces.map((series) => series.y[k])])];
    }
    return [[...figure.axes, "probability"], ...figure.probability.flatMap((row, j) => row.map((p, i) => [figure.x[i], figure.y[j], p]))];
  }

  return { data, dark, draw, hiddenOf, styleOf, solversOf, table };
})();
