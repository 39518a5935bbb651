// The loss curve, and the run's segments under it on the same axis.
import { h } from "./dom.js";
import { amount, count, party, time } from "./format.js";

const dotsMax = 120; // more would hide the line

const standingWords = {
  claimed: "claimed: in a checkpoint that the solver committed to and nobody has replayed",
  contested: "contested: a drawn verifier came to other bits",
  replayed: "replayed: drawn verifiers came to the same bits",
  refuted: "refuted: a proof showed this segment wrong",
};

function niceTicks(low, high, wanted) {
  const raw = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(candidate => candidate >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function shown(loss) {
  return loss === null ? "not stored at this node" : typeof loss === "number" ? loss.toPrecision(5) : loss;
}

function scaleOf(points, steps) {
  const values = points.map(point => point.loss);
  let low = Math.min(...values), high = Math.max(...values);
  const margin = (high - low) * 0.12 || Math.abs(high) * 0.05 || 1;
  low -= margin, high += margin;
  return { low, high, left: step => step / steps, top: loss => (high - loss) / (high - low) };
}

const percent = part => `${(100 * part).toFixed(3)}%`;

// The runs of one solver after another, each a line of its own.
function lines(points, scale) {
  let path = "", solver = null;
  for (const point of points) {
    path += `${point.solver === solver ? "L" : "M"}${(1000 * scale.left(point.step)).toFixed(2)} ${(1000 * scale.top(point.loss)).toFixed(2)}`;
    solver = point.solver;
  }
  return path;
}

function dots(points, scale) {
  const told = points.length <= dotsMax ? points : points.filter((point, i) => point.standing === "refuted" || point.standing === "contested" || i === points.length - 1);
  return told.map(point => h("span", { key: point.segment, class: `point ${point.standing}`, style: { left: percent(scale.left(point.step)), top: percent(scale.top(point.loss)) },
    title: `step ${point.step}: loss ${shown(point.loss)}, ${point.standing}` }));
}

function plot(points, task) {
  const scale = scaleOf(points, task.steps), last = points[points.length - 1];
  const x = niceTicks(0, task.steps, 5), y = niceTicks(scale.low, scale.high, 5);
  return h("div", { class: "plot", "aria-hidden": "true" },
    h("div", { class: "plot-area" },
      y.map(tick => h("span", { key: `y${tick}`, class: "grid-line", style: { top: percent(scale.top(tick)) } }, h("i", null, String(tick)))),
      h("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none" }, h("path", { class: "curve", d: lines(points, scale) })),
      dots(points, scale),
      h("span", { key: "last", class: "last", style: { left: percent(scale.left(last.step)), top: percent(scale.top(last.loss)) } }, last.loss.toPrecision(4))),
    h("div", { class: "x-axis" }, x.map(tick => h("span", { key: `x${tick}`, style: { left: percent(scale.left(tick)) } }, amount(tick)))));
}

function lossTable(losses) {
  return h("details", null,
    h("summary", null, "The same as a table"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Losses" }, h("table", null,
      h("thead", null, h("tr", null, ["Segment", "Step", "Loss", "Known how", "Solver", "Recorded"].map(name => h("th", { scope: "col" }, name)))),
      h("tbody", null, losses.map(one => h("tr", { key: one.segment }, h("th", { scope: "row" }, amount(one.segment + 1)), h("td", { class: "figure" }, amount(one.step)),
        h("td", { class: "figure" }, shown(one.loss)), h("td", null, one.standing), h("td", null, party(one.solver)), h("td", null, time(one.at))))))));
}

export function lossCurve(answer, task) {
  if (answer === null) return null;
  const points = answer.losses.filter(one => typeof one.loss === "number");
  const odd = answer.losses.filter(one => typeof one.loss === "string").length, missing = answer.losses.filter(one => one.loss === null).length;
  if (answer.count === 0) return h("p", { class: "quiet" }, "The curve begins with the first recorded checkpoint.");
  if (!answer.has_loss) return h("p", { class: "quiet" }, "This program's state has no tensor \u201closs\u201d, so there is no curve.");
  const standings = [...new Set(answer.losses.map(one => one.standing))];
  return h("figure", { class: "loss", role: "group", "aria-label": `Loss at ${count(answer.count, "checkpoint")}` },
    points.length > 0 && plot(points, task),
    h("p", { class: "axis-name quiet", "aria-hidden": "true" }, "loss of the step before a checkpoint, by step"),
    h("figcaption", null,
      h("ul", { class: "legend" }, standings.map(standing => h("li", { key: standing }, h("span", { class: `point ${standing}`, "aria-hidden": "true" }), standingWords[standing]))),
      standings.includes("refuted") && h("p", { class: "quiet" }, "What comes after a refuted segment was trained on from a wrong state."),
      odd > 0 && h("p", { class: "warning" }, `${count(odd, "checkpoint has", "checkpoints have")} a loss that is no finite number.`),
      missing > 0 && h("p", { class: "quiet" }, `The chunks of ${count(missing, "checkpoint")} are not stored at this node.`)),
    lossTable(answer.losses));
}

// What is known of each segment, the strongest last.
function statesOf(task, losses, audits, disputes) {
  const states = Array.from({ length: task.segments }, (_, i) => (i < task.checkpoints ? "recorded" : "open"));
  for (const audit of audits) for (const segment of audit.segments) states[segment] = "drawn";
  for (const one of losses?.losses ?? []) if (one.standing !== "claimed") states[one.segment] = one.standing;
  for (const dispute of disputes) if (dispute.is_open) states[dispute.segment] = "disputed";
  return states;
}

const stateWords = { open: "not recorded yet", recorded: "recorded", drawn: "drawn for the audit", replayed: "replayed, the same bits", contested: "replayed, other bits", disputed: "in dispute", refuted: "shown wrong" };

export function segmentStrip(task, losses, audits, disputes) {
  const states = statesOf(task, losses, audits, disputes);
  const tally = Object.keys(stateWords).map(state => [state, states.filter(one => one === state).length]).filter(([, number]) => number > 0);
  const cells = [];
  states.forEach((state, i) => {
    const last = cells[cells.length - 1];
    if (task.segments > 160 && last?.state === state) ++last.length; // too many to be seen one by one
    else cells.push({ state, begin: i, length: 1 });
  });
  return h("div", { class: "segments" },
    h("div", { class: "strip", "aria-hidden": "true" }, cells.map(cell => h("span", { key: cell.begin, class: `cell ${cell.state}`, style: { "flex-grow": cell.length }, title: `segment ${cell.begin + 1}: ${stateWords[cell.state]}` }))),
    h("ul", { class: "legend" }, tally.map(([state, number]) => h("li", { key: state }, h("span", { class: `cell ${state}`, "aria-hidden": "true" }), `${amount(number)} ${stateWords[state]}`))));
}
