// What a task's events say: its audit, its money, and the story as sentences. Spec: spec/api.md; kinds as in include/assay/market/events.hpp.
import { amount, party } from "./format.js";

// One audit for every leg: {segments, auditors: [{verifier, state, agrees: null or BigInt}], opened, isDrawn}.
export function auditsOf(events) {
  const fresh = () => ({ segments: [], auditors: [], opened: false, nobody: false });
  const audits = [fresh()];
  for (const { kind, party: who, number } of events) {
    const audit = audits[audits.length - 1];
    const auditor = audit.auditors.find(one => one.verifier === who);
    if (kind === "segment_drawn") audit.segments.push(Number(number));
    else if (kind === "drawn") audit.auditors.push({ verifier: who, state: "drawn", agrees: null, lost: null });
    else if (kind === "excused") audit.auditors.push({ verifier: who, state: "excused", agrees: null, lost: null });
    else if (kind === "not_drawn") audit.nobody = true;
    else if (kind === "receipt_posted" && auditor) auditor.state = "receipt";
    else if (kind === "segments_opened") audit.opened = true;
    else if ((kind === "attested" || kind === "disagreed") && auditor) Object.assign(auditor, { state: kind, agrees: BigInt(number) });
    else if (kind === "unanswered" && auditor) auditor.state = "unanswered";
    else if (kind === "slashed" && auditor) auditor.lost = number;
    else if (kind === "reopened") audits.push(fresh());
  }
  return audits.filter(audit => audit.segments.length > 0 || audit.nobody || audit.auditors.length > 0);
}

// What everybody put into a task and has got from it, and what was burned: {parties: [{id, taken, paid}], burned, held}, in BigInt.
export function moneyOf(events) {
  const parties = new Map();
  let burned = 0n, held = 0n;
  for (const { kind, party: who, number } of events) {
    if (kind !== "taken" && kind !== "paid" && kind !== "burned") continue;
    const units = BigInt(number);
    held += kind === "taken" ? units : -units;
    if (kind === "burned") burned += units;
    else {
      if (!parties.has(who)) parties.set(who, { id: who, taken: 0n, paid: 0n });
      parties.get(who)[kind] += units;
    }
  }
  return { parties: [...parties.values()], burned, held };
}

const sentences = {
  paid: ["P", " gets ", "N"], burned: ["N", " burned"], taken: ["P", " puts in ", "N"],
  posted: ["posted by ", "P", ", ", "N", " in escrow"], bid_committed: ["P", " seals a bid"], bid_revealed: ["P", " asks for ", "N"],
  assigned: ["assigned to ", "P", " for ", "N"], accepted: ["P", " stakes ", "N", " and begins"], progressed: ["P", " records checkpoint ", "N"], many_progressed: ["P", " records checkpoints ", "N", " to ", "L"],
  silent: ["P", " fell silent after checkpoint ", "N"], drawn: ["P", " is drawn to verify"], not_drawn: ["nobody was drawn"],
  segment_drawn: ["segment ", "S", " is drawn to be replayed"], many_segment_drawn: ["segments are drawn to be replayed"], receipt_posted: ["P", " posts a receipt"],
  segments_opened: ["P", " opens its roots of the drawn segments"], attested: ["P", " saw the same"], disagreed: ["P", " saw something else"],
  unanswered: ["P", " did not answer"], challenged: ["P", " challenges segment ", "S"], moved: ["P", " makes move ", "M"],
  upheld: ["the challenge by ", "P", " of segment ", "S", " fails"], convicted: ["solver ", "P", " is convicted"], slashed: ["P", " loses ", "N"],
  planted: ["the fault in segment ", "S", " was planted"], reopened: ["open for bids again after checkpoint ", "N"], closed: ["closed"],
  excused: ["P", " is drawn, but its stake is bound"], seeded: ["the seed is drawn"],
  forfeited: ["P", " opened no roots in time, forfeits ", "N", " and has that time once more"], demanded: ["P", " demands a part of checkpoint ", "N"],
  answered: ["P", " shows what was demanded"], withheld: ["what ", "P", " demanded is withheld"], receipt_opened: ["P", " opens its receipt"],
  defended: ["P", " defends its root of segment ", "S"], contested: ["P", " contests the defence of a verifier"], defence_fell: ["the defence of ", "P", " falls"],
};

// Segments and moves are counted from 1 on the page, as people do.
export function sentence(event, last = event) {
  const parts = sentences[last === event ? event.kind : `many_${event.kind}`] ?? ["P", ` ${event.kind} `, "N"];
  return parts.map(part => (part === "P" ? party(event.party) : part === "N" ? amount(event.number) : part === "L" ? amount(last.number) : part === "S" || part === "M" ? amount(BigInt(event.number) + 1n) : part));
}

// The tick of the first event of one of these kinds.
export const first = (events, ...kinds) => events.find(event => kinds.includes(event.kind))?.at;
