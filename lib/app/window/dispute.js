// A dispute, drawn as it narrows: each layer is a bar, each move leaves less of it, and what is left is spread out as the next layer's bar.
import { h } from "./dom.js";
import { amount, bytes, count, duration, now, party, short, time } from "./format.js";

// What a layer's tree holds, and where it is said what was pointed at.
const layers = {
  run: ["Run", "segment"], segment: ["Segment", "step"], step: ["Step", "node"], state: ["State", "tensor"], tensor: ["Tensor", "chunk"],
  chunk: ["Chunk", "element"], element: ["Element", "scalar operation"],
};
const moveWords = { opens: "opens a tree", reveals: "reveals the next levels", shows_chunk: "shows the chunk", selects: "points at a part", proves: "proves" };
const widthMin = 5; // of a thousand, so that one of a million is still seen

function place(range, size) {
  const width = Math.max(widthMin, (1000 * (range.end - range.begin)) / size);
  const middle = (500 * (range.begin + range.end)) / size;
  const left = Math.min(1000 - width, Math.max(0, middle - width / 2));
  return { left, width };
}

// The bar of a layer: one line for each round, from the whole down to what is disputed.
function bar(layer, isLast) {
  const rows = layer.ranges.length, height = 12;
  return h("svg", { class: "bar", viewBox: `0 0 1000 ${rows * height}`, preserveAspectRatio: "none", "aria-hidden": "true", style: { height: `${rows * height}px` } },
    layer.ranges.map((range, row) => {
      const { left, width } = place(range, layer.size);
      return h("rect", { key: row, class: row === rows - 1 && (row > 0 || rows === 1) ? (isLast ? "disputed now" : "disputed") : "known", x: left, y: row * height, width, height: height - (row === rows - 1 ? 0 : 1.5) });
    }),
    layer.size <= 64 && layer.size > 1 && h("path", { class: "cuts", d: Array.from({ length: layer.size - 1 }, (_, i) => `M${(1000 * (i + 1)) / layer.size} 0v${height - 1.5}`).join("") }));
}

function funnel(layer) {
  const { left, width } = place(layer.ranges[layer.ranges.length - 1], layer.size);
  return h("svg", { class: "funnel", viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("polygon", { points: `${left},0 ${left + width},0 1000,100 0,100` }));
}

// The layers that there are so far, with the run above them.
function rowsOf(dispute, task) {
  const run = { layer: "run", size: task.segments, ranges: [{ begin: 0, end: task.segments }, { begin: dispute.segment, end: dispute.segment + 1 }], text: `segment ${dispute.segment + 1} of ${task.segments}` };
  const told = new Map();
  for (const step of dispute.steps) {
    const layer = step.layer === "tensor" && step.text.startsWith("element") ? "chunk" : step.layer;
    told.set(layer, step.text);
  }
  return [run, ...dispute.layers.map(layer => ({ ...layer, text: told.get(layer.layer) ?? null }))];
}

function left(layer, isOpen) {
  const { begin, end } = layer.ranges[layer.ranges.length - 1];
  const [, thing] = layers[layer.layer];
  if (end - begin === layer.size) return `${count(layer.size, thing)}, ${isOpen ? "none pointed at yet" : "none was pointed at"}`;
  return end - begin === 1 ? `${thing} ${amount(begin + 1)} of ${amount(layer.size)}` : `${thing}s ${amount(begin + 1)} to ${amount(end)} of ${amount(layer.size)} ${isOpen ? "still" : "were"} in dispute`;
}

function layerItem(layer, i, rows, hasOperation, isOpen) {
  const [name, thing] = layers[layer.layer] ?? [layer.layer, "part"];
  const isLast = i === rows.length - 1 && !hasOperation && isOpen;
  // The last leaf of a step's tree is no node, but the state that the outputs make up.
  const size = layer.layer === "step" ? `${count(layer.size - 1, thing)} and the state after them` : count(layer.size, thing);
  return h("li", { key: layer.layer, class: "layer" },
    h("div", { class: "layer-label" }, h("span", { class: "eyebrow" }, name, h("small", null, ` ${size}`)), h("strong", null, layer.text ?? left(layer, isOpen))),
    bar(layer, isLast),
    (i < rows.length - 1 || hasOperation) && funnel(layer));
}

// "(0x3f000000)" apart, so that where two numbers differ can be marked.
function split(value) {
  const found = /^(.*) \(0x([0-9a-f]{8})\)$/.exec(value);
  return found ? { text: found[1], bits: found[2] } : { text: value, bits: null };
}

function valueParts(value, other) {
  const { text, bits } = split(value), against = other === undefined ? null : split(other).bits;
  return [h("span", { class: "value" }, text), bits && h("code", { class: "bits" }, "0x", [...bits].map((digit, i) => (against && digit !== against[i] ? h("mark", null, digit) : digit)))];
}

function operation(dispute, names) {
  return h("div", { class: "operation" },
    h("p", { class: "eyebrow" }, "The one operation"),
    h("p", { class: "formula" }, (dispute.formula ?? dispute.operation).replaceAll(" - ", " \u2212 ").replaceAll(" * ", " \u00d7 ")),
    dispute.inputs.length > 0 && h("dl", { class: "numbers" }, dispute.inputs.map(input => h("div", { key: input.letter }, h("dt", null, h("var", null, input.letter)), h("dd", null, valueParts(input.value))))),
    h("dl", { class: "numbers against" },
      h("div", { class: "committed" }, h("dt", null, `committed by the ${names.solver}`), h("dd", null, valueParts(dispute.committed, dispute.right))),
      h("div", { class: "right" }, h("dt", null, "right"), h("dd", null, valueParts(dispute.right, dispute.committed)))));
}

const verdicts = {
  convicted: ["Convicted", "The SIDE's own commitments contradict each other here.", "The SIDE did not answer in time."],
  upheld: ["Upheld", "What the challenger pointed at is consistent.", "The challenger had nothing to show in time."],
  ended: ["Ended", "Another dispute about this run convicted first.", ""],
};

function verdict(dispute, names) {
  if (dispute.verdict === null) return null;
  const [word, byProof, byClock] = verdicts[dispute.verdict];
  return h("p", { class: `verdict ${dispute.verdict}` }, h("span", { class: "stamp" }, word), h("span", null, (dispute.by_clock ? byClock : byProof).replace("SIDE", names.solver)));
}

// How much of its time a side has used, the running turn included.
function clock(dispute, side, names) {
  const { used, allowed } = dispute.clocks[side];
  const isOnTurn = dispute.turn === side;
  const remaining = isOnTurn ? Math.max(0, dispute.deadline - now()) : null;
  return h("div", { class: `clock ${side}${isOnTurn ? " on-turn" : ""}` },
    h("div", { class: "clock-head" }, party(dispute[side], names[side]), isOnTurn && h("strong", null, "to move")),
    h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { "--part": Math.min(1, used / (allowed || 1)) } })),
    h("span", { class: "quiet" }, `${duration(used)} of ${duration(allowed)} used`, remaining !== null && `, ${remaining === 0 ? "time is over" : `must answer within ${duration(remaining)}`}`));
}

// Moves as they came: the solver's up, the challenger's down, as tall as they have bytes.
function moves(dispute, names) {
  const most = Math.max(1, ...dispute.moves.map(move => move.bytes));
  const sum = side => dispute.moves.filter(move => move.side === side).reduce((total, move) => total + move.bytes, 0);
  const slots = Math.max(16, dispute.moves.length);
  return h("div", { class: "moves" },
    h("p", { class: "eyebrow" }, count(dispute.moves.length, "move"), h("small", null, " ", h("span", { class: "side solver" }, `${names.solver} ${bytes(sum("solver"))}`), ", ", h("span", { class: "side challenger" }, `challenger ${bytes(sum("challenger"))}`))),
    dispute.moves.length > 0 && h("div", { class: "move-bars", "aria-hidden": "true", style: { "--slots": slots } }, dispute.moves.map(move => h("span", { key: move.number, class: `move ${move.side}`,
      style: { "--part": Math.sqrt(move.bytes / most) }, title: `move ${move.number + 1}: the ${names[move.side]} ${moveWords[move.kind] ?? move.kind}, ${bytes(move.bytes)}` }))),
    dispute.moves.length > 0 && h("details", null, h("summary", null, "Move by move"),
      h("ol", { class: "move-list" }, dispute.moves.map(move => h("li", { key: move.number }, h("span", { class: `side ${move.side}` }, names[move.side]), ` ${moveWords[move.kind] ?? move.kind}`,
        h("span", { class: "quiet" }, ` ${time(move.at)}, ${bytes(move.bytes)}`))))));
}

// A verifier that defends the solver's root has the solver's part in the game (MARKET-26).
export function disputeCard(dispute, task, roles) {
  const names = { solver: roles.get(dispute.solver) === "verifier" ? "defender" : "solver", challenger: "challenger" };
  const rows = rowsOf(dispute, task), hasOperation = dispute.operation !== null;
  const state = dispute.verdict ?? (dispute.turn ? `${names[dispute.turn]} to move` : "open");
  return h("article", { key: dispute.game, class: `dispute ${dispute.is_open ? "open" : "over"}`, "aria-label": `Dispute ${short(dispute.game)} about segment ${dispute.segment + 1}: ${state}` },
    h("header", { class: "dispute-head" },
      h("h3", null, `Segment ${amount(dispute.segment + 1)} ${dispute.is_open ? "is" : "was"} challenged`),
      h("p", { class: "quiet" }, dispute.is_open ? `Since ${time(dispute.started)}, for a bond of ${amount(dispute.bond)}; being played now` : `At ${time(dispute.started)}`)),
    dispute.clocks && h("div", { class: "clocks" }, clock(dispute, "solver", names), clock(dispute, "challenger", names)),
    h("ol", { class: "walk", "aria-label": "How it narrows" }, rows.map((layer, i) => layerItem(layer, i, rows, hasOperation, dispute.is_open))),
    hasOperation && operation(dispute, names),
    verdict(dispute, names),
    moves(dispute, names));
}
