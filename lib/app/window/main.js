// The page: which part of it the address asks for, and whether the node answers. Spec: spec/api.md, API-7.
import { fill, h } from "./dom.js";
import { ask, show, store, whenAsked } from "./data.js";
import { amount, isDigest, now, time } from "./format.js";
import { accountPage, accountsPage } from "./accounts.js";
import { overview } from "./tasks.js";
import { taskPage } from "./task.js";

const content = document.getElementById("content"), link = document.getElementById("link"), alarm = document.getElementById("alarm");

function pageOf(address) {
  const [path, query] = address.replace(/^#/, "").split("?");
  const from = Math.max(0, parseInt(new URLSearchParams(query).get("from"), 10) || 0);
  const [kind, id] = path.split("/").filter(Boolean);
  if (kind === "tasks" && isDigest(id)) return { kind: "task", id, disputes: 50 };
  if (kind === "accounts" && isDigest(id)) return { kind: "account", id };
  return { kind: kind === "accounts" ? "accounts" : "overview", from };
}

let shown = null; // the page that was drawn last

const pages = { task: taskPage, account: accountPage, accounts: accountsPage, overview };

function drawLink() {
  if (store.network === null) return fill(link, []);
  const state = store.failure === null ? "live" : "lost";
  fill(link, [
    h("span", { class: `dot ${state}`, "aria-hidden": "true" }),
    h("span", { role: "status", class: "link-state" }, store.failure === null ? "live" : "no answer"),
    h("span", { class: "link-figures" }, ` block ${amount(store.network.height)}, ${time(store.failure === null ? now() : store.network.clock)}`),
  ]);
}

function drawAlarm() {
  if (store.failure === null) return fill(alarm, []);
  const shown = store.answeredTime ? `What you see is from ${store.answeredTime.toLocaleTimeString([], { hour12: false })}.` : "Nothing is known of it yet.";
  fill(alarm, [h("div", null, h("strong", null, "The node cannot be reached."), ` ${shown} This page asks it again every second, and goes on by itself when it answers.`, h("small", null, store.failure))]);
}

function draw() {
  drawLink();
  drawAlarm();
  if (store.network === null) {
    if (store.failure !== null) fill(content, [h("p", { class: "lead" }, "No answer yet.")]);
    return;
  }
  if (store.loaded !== store.page) return; // what was there stays until the answers come
  const { title, parts } = pages[store.page.kind](store.page);
  document.title = `${title} · Assay`;
  fill(content, parts);
  if (shown !== null && shown !== store.page && !store.page.isMore) {
    scrollTo(0, 0);
    content.focus({ preventScroll: true });
  }
  shown = store.page;
  for (const one of document.querySelectorAll(".top nav a")) {
    const isHere = one.getAttribute("href") === (store.page.kind.startsWith("account") ? "#/accounts" : "#/");
    if (isHere) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
}

function go() {
  if (location.hash === "#content") return; // the link that skips to it
  show(pageOf(location.hash));
  ask();
}

addEventListener("hashchange", go);
addEventListener("resize", draw);
document.addEventListener("visibilitychange", () => document.hidden || ask());
whenAsked(draw);
setInterval(() => document.hidden || draw(), 1000); // clocks go on between answers
go();
