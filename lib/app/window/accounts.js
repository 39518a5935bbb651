// Balances and stakes.
import { h } from "./dom.js";
import { store } from "./data.js";
import { amount, duration, party, time } from "./format.js";
import { olderAndNewer } from "./tasks.js";

// A verifier's stake, and how much of it tasks have bound.
function stake(verifier) {
  if (verifier === null) return h("span", { class: "quiet" }, "none");
  const total = Number(verifier.stake) || 1;
  return h("div", { class: "stake" },
    h("span", { class: "figure" }, amount(verifier.stake)),
    h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { "--part": Number(verifier.locked) / total } })),
    h("span", { class: "quiet" }, verifier.locked === "0" ? "free" : `${amount(verifier.locked)} bound`, verifier.left === null ? "" : `, left ${time(verifier.left)}`));
}

export function accountTable(accounts, caption) {
  return h("table", { class: "accounts" },
    h("caption", { class: "unseen" }, caption),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Account"), h("th", { scope: "col", class: "number" }, "Balance"), h("th", { scope: "col" }, "Staked as verifier"))),
    h("tbody", null, accounts.map(account => h("tr", { key: account.id },
      h("th", { scope: "row" }, party(account.id)),
      h("td", { class: "number figure" }, amount(account.balance)),
      h("td", null, stake(account.verifier))))));
}

export function accountsPage(page) {
  const { accounts } = store;
  return { title: "Accounts", parts: [
    h("h1", null, "Accounts"),
    h("p", { class: "lead" }, "Who holds what. Stakes of solvers, bonds and escrow are not here: their tasks hold them until they are settled."),
    accounts && accountTable(accounts.accounts, "Accounts, the newest first"),
    accounts && olderAndNewer("#/accounts", page.from, accounts.count),
  ] };
}

export function accountPage(page) {
  const { account } = store;
  if (account === null) return { title: "No such account", parts: [h("h1", null, "No such account"), h("p", { class: "lead" }, "The ledger has none of the name ", h("code", { class: "whole" }, page.id), ".")] };
  const facts = [["Balance", amount(account.balance)], ["Transactions made", amount(account.transactions)],
    ["Speed in its last verified benchmark", account.operations_per_tick ? `${amount(account.operations_per_tick)} operations a tick (${duration(1)})` : "not measured"]];
  return { title: `Account ${page.id.slice(0, 8)}`, parts: [
    h("p", { class: "back" }, h("a", { href: "#/accounts" }, "All accounts")),
    h("h1", null, "Account ", party(account.id)),
    h("p", { class: "quiet" }, h("code", { class: "whole" }, account.id)),
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
      h("div", null, h("dt", null, "Staked as verifier"), h("dd", null, stake(account.verifier)))),
  ] };
}
