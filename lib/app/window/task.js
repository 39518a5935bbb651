// One task: where it stands, its run, its audit, its disputes and its money.
import { h } from "./dom.js";
import { ask, show, store } from "./data.js";
import { amount, count, duration, isDigest, now, party, phaseText, pill, short, time } from "./format.js";
import { auditsOf, first, moneyOf, sentence } from "./events.js";
import { lossCurve, segmentStrip } from "./charts.js";
import { disputeCard } from "./dispute.js";

const storyMax = 14;

const course = [
  ["bids", ["bidding", "revealing", "accepting"], ["posted"]], ["run", ["running"], ["accepted"]], ["draw", ["drawing"], []],
  ["replay", ["replaying"], ["segment_drawn", "not_drawn"]], ["opening", ["opening", "attesting"], ["segments_opened"]],
  ["challenges", ["window"], []], ["settled", ["closed"], ["closed"]],
];

// The phases in a row; a conviction leaves the row where it happened.
function stepper(task, events) {
  const here = course.findIndex(([, phases]) => phases.includes(task.phase));
  return h("ol", { class: "course", "aria-label": "Phases" }, course.map(([name, , kinds], i) => {
    const at = first(events, ...kinds);
    const isHere = i === here, isPast = here >= 0 ? i < here && (at !== undefined || !task.convicted) : at !== undefined;
    const state = isHere ? (task.phase === "closed" ? "past" : "here") : isPast ? "past" : "to-come";
    return h("li", { key: name, class: state, "aria-current": isHere ? "step" : null }, h("span", null, name), h("small", null, at !== undefined ? time(at) : isHere ? "now" : ""));
  }));
}

function head(task) {
  const isOver = task.phase === "closed", rest = task.deadline - now();
  return h("div", { class: "task-head" },
    h("p", { class: "back" }, h("a", { href: "#/" }, "All tasks")),
    h("h1", null, "Task ", h("code", null, short(task.id))),
    h("p", { class: "task-line" }, pill(task), !isOver && h("span", { class: "quiet" }, `${phaseText(task.phase)}; ${rest > 0 ? `${duration(rest)} left` : "its time is over"}`)),
    h("p", { class: "lead" }, `${count(task.steps, "step")} of training in ${count(task.segments, "segment")}, by a program of ${count(task.program_nodes, "node")} and ${count(task.state_tensors, "tensor")} of state. Posted by `,
      party(task.submitter), `, who pays ${amount(task.price_max)} at most.`, task.is_benchmark && " A benchmark: it measures how fast its solver is."));
}

function runSection(task, audits, disputes) {
  const { losses } = store;
  return h("section", { key: "run", class: "panel", "aria-labelledby": "run-heading" },
    h("h2", { id: "run-heading" }, "The run"),
    h("p", null, task.leg ? ["Trained by ", party(task.leg.solver, "solver"), ` for ${amount(task.leg.payment)}`, task.leg.stake !== "0" && `, with ${amount(task.leg.stake)} at stake`, "."] : "No solver yet.",
      task.leg?.is_silent && h("strong", null, " It fell silent.")),
    segmentStrip(task, losses, audits, disputes),
    lossCurve(losses, task));
}

function bids(task) {
  if (task.bids.length === 0) return null;
  return h("section", { key: "bids", class: "panel", "aria-labelledby": "bids-heading" },
    h("h2", { id: "bids-heading" }, "Bids"),
    h("table", null, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Bidder"), h("th", { scope: "col", class: "number" }, "Price"), h("th", { scope: "col", class: "number" }, "Bond"))),
      h("tbody", null, task.bids.map(bid => h("tr", { key: bid.bidder }, h("th", { scope: "row" }, party(bid.bidder)),
        h("td", { class: "number figure" }, bid.price === null ? h("span", { class: "quiet" }, "sealed") : amount(bid.price)), h("td", { class: "number figure" }, amount(bid.bond)))))));
}

const auditorWords = { drawn: "replaying", receipt: "receipt posted", attested: "agrees", disagreed: "disagrees", unanswered: "silent", excused: "excused" };

function auditTable(audit) {
  const agreement = (auditor, i) => (auditor.agrees === null ? ["·", "not opened yet"] : (auditor.agrees >> BigInt(i)) & 1n ? ["✓", "the same"] : ["✗", "another root"]);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Verifiers and segments" }, h("table", { class: "audit" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Verifier"), h("th", { scope: "col" }, "Replay"), audit.segments.map(segment => h("th", { scope: "col", class: "number", key: segment, title: `segment ${segment + 1}` }, amount(segment + 1))))),
    h("tbody", null, audit.auditors.map(auditor => h("tr", { key: auditor.verifier }, h("th", { scope: "row" }, party(auditor.verifier)),
      h("td", { class: `auditor ${auditor.state}` }, auditorWords[auditor.state], auditor.lost !== null && `, lost ${amount(auditor.lost)}`),
      audit.segments.map((segment, i) => {
        const [sign, words] = agreement(auditor, i);
        return h("td", { key: segment, class: `number sign ${words.split(" ")[0]}` }, h("span", { "aria-hidden": "true" }, sign), h("span", { class: "unseen" }, words));
      }))))));
}

function auditSection(task, audits) {
  return h("section", { key: "audit", class: "panel", "aria-labelledby": "audit-heading" },
    h("h2", { id: "audit-heading" }, "The audit"),
    audits.length === 0 && h("p", { class: "quiet" }, `Nothing is drawn yet. Once the run is recorded, ${count(task.terms.verifiers, "verifier")} and ${count(task.terms.segments_drawn, "segment")} are drawn by lot.`),
    audits.map((audit, i) => h("div", { key: i },
      audits.length > 1 && h("h3", null, `Leg ${i + 1}`),
      audit.nobody ? h("p", null, "No verifier was drawn.") : [
        h("p", null, `${count(audit.auditors.length, "verifier")} and ${count(audit.segments.length, "segment")} were drawn. `,
          audit.opened ? "The solver has opened its roots." : audit.auditors.every(auditor => auditor.state !== "drawn") ? "All receipts are in; the solver opens its roots next." : "Receipts hide what the verifiers found until the solver has opened its roots."),
        auditTable(audit)])));
}

// What somebody put in to the left, what it got to the right.
function moneyRow(one, most) {
  const net = one.paid - one.taken, part = units => Number((1000n * units) / most) / 1000;
  return h("tr", { key: one.id },
    h("th", { scope: "row" }, party(one.id, one.role)),
    h("td", { class: "number figure" }, amount(one.taken)), h("td", { class: "flow", "aria-hidden": "true" }, h("span", { class: "in" }, h("i", { style: { "--part": part(one.taken) } })), h("span", { class: "out" }, h("i", { style: { "--part": part(one.paid) } }))),
    h("td", { class: "number figure" }, amount(one.paid)), h("td", { class: `number figure net ${net < 0n ? "loss" : net > 0n ? "gain" : ""}` }, `${net > 0n ? "+" : net < 0n ? "−" : ""}${amount(net < 0n ? -net : net)}`));
}

function rolesIn(task, events) {
  const roles = new Map([[task.submitter, "submitter"]]);
  for (const { kind, party: who } of events) {
    if (kind === "bid_committed" && !roles.has(who)) roles.set(who, "bidder");
    else if (kind === "accepted") roles.set(who, "solver");
    else if (kind === "drawn") roles.set(who, "verifier");
    else if (kind === "challenged" && !roles.has(who)) roles.set(who, "challenger");
  }
  return roles;
}

function moneySection(task, events) {
  const money = moneyOf(events), roles = rolesIn(task, events);
  const most = money.parties.reduce((top, one) => [top, one.taken, one.paid].reduce((a, b) => (a > b ? a : b)), 1n);
  return h("section", { key: "money", class: "panel", "aria-labelledby": "money-heading" },
    h("h2", { id: "money-heading" }, "The money"),
    h("p", { class: "quiet" }, task.phase === "closed" ? `Settled. ${amount(money.burned)} burned; nothing is held any more.` : `The task holds ${amount(money.held)} now; ${amount(money.burned)} burned so far. Fees of transactions are left aside.`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Money by party" }, h("table", { class: "money" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Party"), h("th", { scope: "col", class: "number" }, "Put in"), h("td", { class: "flow" }), h("th", { scope: "col", class: "number" }, "Got"), h("th", { scope: "col", class: "number" }, task.phase === "closed" ? "Net" : "So far"))),
      h("tbody", null, money.parties.map(one => moneyRow({ ...one, role: roles.get(one.id) }, most))))));
}

// Checkpoints in a row, and segments in a row, are one line.
function merged(events) {
  const lines = [];
  events.forEach((event, number) => {
    const line = lines[lines.length - 1];
    if (line && ["progressed", "segment_drawn"].includes(event.kind) && line.event.kind === event.kind && line.event.party === event.party) line.last = event;
    else lines.push({ event, last: event, number });
  });
  return lines;
}

function storySection(events) {
  const told = merged(events.filter(event => event.kind !== "taken")).reverse();
  const item = ({ event, last, number }) => h("li", { key: number, class: ["convicted", "slashed", "disagreed", "challenged"].includes(event.kind) ? "grave" : null }, h("time", null, time(last.at)), h("span", null, sentence(event, last)));
  return h("section", { key: "story", class: "panel", "aria-labelledby": "story-heading" },
    h("h2", { id: "story-heading" }, "What happened"),
    h("ol", { class: "story" }, told.slice(0, storyMax).map(item)),
    told.length > storyMax && h("details", null, h("summary", null, "What happened before"), h("ol", { class: "story" }, told.slice(storyMax).map(item))));
}

function disputeSection(task, disputes, page, roles) {
  if (disputes.length === 0) return null;
  const ordered = [...disputes].sort((a, b) => Number(b.is_open) - Number(a.is_open) || (a.verdict === "convicted" ? -1 : b.verdict === "convicted" ? 1 : b.started - a.started));
  return h("section", { key: "disputes", class: "disputes", "aria-labelledby": "disputes-heading" },
    h("h2", { id: "disputes-heading" }, count(task.disputes_opened, "dispute")),
    ordered.map(dispute => disputeCard(dispute, task, roles)),
    store.disputes.count > disputes.length && h("button", { onclick: () => (show({ ...page, disputes: page.disputes + 50, isMore: true }), ask()) }, `Show more of the ${amount(store.disputes.count)}`));
}

export function taskPage(page) {
  const { task, events } = store;
  if (task === null || !isDigest(task.id)) return { title: "No such task", parts: [h("h1", null, "No such task"), h("p", { class: "lead" }, "The ledger has none of the name ", h("code", { class: "whole" }, page.id), ".")] };
  const audits = auditsOf(events), disputes = store.disputes?.disputes ?? [];
  return { title: `Task ${short(task.id)}`, parts: [
    head(task),
    stepper(task, events),
    task.conviction && h("p", { class: "banner bad", role: "status" }, "The solver is convicted", task.conviction.segment !== null && ` by a proof about segment ${amount(task.conviction.segment + 1)}`,
      task.conviction.finder && [", found by ", party(task.conviction.finder)], "."),
    h("div", { class: "columns" },
      h("div", { class: "main-column" }, disputeSection(task, disputes, page, rolesIn(task, events)), runSection(task, audits, disputes)),
      h("div", { class: "side-column" }, auditSection(task, audits), bids(task), moneySection(task, events), storySection(events))),
  ] };
}
