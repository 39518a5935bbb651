// How figures, times and parties are written.
import { h } from "./dom.js";
import { store } from "./data.js";

export const isDigest = text => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
export const short = digest => String(digest).slice(0, 8);

// Amounts are decimal strings that may be above 2^53.
export function amount(units) {
  return String(units).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}
export const count = (number, one, many = one + "s") => `${amount(number)} ${Number(number) === 1 ? one : many}`;

export function bytes(number) {
  return number < 10000 ? `${amount(number)} B` : number < 1e7 ? `${Math.round(number / 1024)} KiB` : `${Math.round(number / 1048576)} MiB`;
}

// Ticks as a length of time.
export function duration(ticks) {
  const seconds = (Number(ticks) * store.network.tick_milliseconds) / 1000;
  if (seconds > 0 && seconds < 1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

// A tick as a time of day; networks count ticks since 1970, unless they were begun for a test.
export function time(tick) {
  const date = new Date(Number(tick) * store.network.tick_milliseconds);
  if (date.getFullYear() < 2000) return `tick ${tick}`;
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString()} ${clock}`;
}

// The network's clock, as far as it went since the node was asked.
export function now() {
  return store.network.clock + Math.floor((performance.now() - store.answeredAt) / store.network.tick_milliseconds);
}

// A small pattern that makes an identity recognisable at a glance. It proves nothing; the digits beside it do.
function pattern(digest) {
  const bits = parseInt(digest.slice(0, 4), 16), hue = parseInt(digest.slice(4, 7), 16) % 360;
  const cells = [];
  for (let row = 0; row < 5; ++row)
    for (let column = 0; column < 3; ++column)
      if ((bits >> (row * 3 + column)) & 1)
        for (const x of column === 2 ? [2] : [column, 4 - column]) cells.push(`M${x} ${row}h1v1h-1z`);
  return h("svg", { class: "pattern", viewBox: "0 0 5 5", "aria-hidden": "true", style: { "--hue": hue } }, h("path", { d: cells.join("") }));
}

// An identity, with a link to its account.
export function party(digest, role) {
  if (!isDigest(digest)) return h("span", { class: "party" }, "nobody");
  return h("a", { class: "party", href: `#/accounts/${digest}`, title: digest }, pattern(digest), h("code", null, short(digest)), role && h("span", { class: "role" }, role));
}

const phaseWords = {
  bidding: "taking bids", revealing: "opening bids", accepting: "assigned", running: "training", drawing: "awaiting the draw", replaying: "being replayed",
  opening: "solver opens its roots", attesting: "verifiers open theirs", window: "open to challenges", convicted: "solver convicted", defending: "verifiers defend their roots", closed: "settled",
};
export const phaseText = phase => phaseWords[phase] ?? phase;

export function pill(task) {
  const kind = task.convicted ? "bad" : task.open_disputes > 0 ? "alert" : task.phase === "closed" ? (task.checkpoints === task.segments ? "good" : "quiet") : "live";
  const isUnfinished = task.phase === "closed" && !task.convicted && task.checkpoints < task.segments;
  const words = isUnfinished ? "closed, not finished" : task.convicted ? (task.phase === "closed" ? "settled, solver convicted" : "solver convicted") : task.open_disputes > 0 ? `in dispute (${task.open_disputes})` : phaseText(task.phase);
  return h("span", { class: `pill ${kind}` }, words);
}
