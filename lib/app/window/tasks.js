// The first page: the network in figures, its tasks, and the newest accounts.
import { h } from "./dom.js";
import { store } from "./data.js";
import { amount, count, duration, now, party, pill, short } from "./format.js";
import { accountTable } from "./accounts.js";

export function olderAndNewer(address, from, total) {
  if (total <= 50 && from === 0) return null;
  return h("nav", { class: "pages", "aria-label": "More of the list" },
    from > 0 ? h("a", { href: `${address}?from=${Math.max(0, from - 50)}` }, "Newer") : h("span", { class: "quiet" }, "Newer"),
    h("span", { class: "quiet" }, `${amount(from + 1)} to ${amount(Math.min(total, from + 50))} of ${amount(total)}`),
    from + 50 < total ? h("a", { href: `${address}?from=${from + 50}` }, "Older") : h("span", { class: "quiet" }, "Older"));
}

// How many of a run's segments are recorded, as a bar.
function recorded(task) {
  return h("div", { class: "recorded" },
    h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { "--part": task.checkpoints / task.segments } })),
    h("span", { class: "quiet" }, `${amount(task.checkpoints)} of ${count(task.segments, "segment")} recorded`));
}

function until(task) {
  if (task.phase === "closed" || task.deadline <= now()) return null;
  return h("span", { class: "quiet" }, `${duration(task.deadline - now())} left`);
}

function row(task) {
  return h("li", { key: task.id, class: "task" },
    h("div", { class: "task-name" }, h("a", { class: "stretched", href: `#/tasks/${task.id}` }, "Task ", h("code", null, short(task.id))), task.is_benchmark && h("span", { class: "role" }, "benchmark")),
    h("div", { class: "task-state" }, pill(task), until(task)),
    recorded(task),
    h("dl", { class: "task-facts" },
      h("div", null, h("dt", null, "Solver"), h("dd", null, task.solver ? party(task.solver) : h("span", { class: "quiet" }, task.phase === "closed" ? "none" : count(task.bids, "bid")))),
      h("div", null, h("dt", null, "At most"), h("dd", { class: "figure" }, amount(task.price_max))),
      h("div", null, h("dt", null, "Disputes"), h("dd", { class: "figure" }, amount(task.disputes_opened)))));
}

function networkFigures(network) {
  const figures = [["Tasks", amount(network.tasks)], ["Verifiers", amount(network.verifiers)], ["Accounts", amount(network.accounts)], ["Money", amount(network.supply)],
    ["of it burned", amount(network.burned)], ["Blocks", amount(network.height)], ["A tick", duration(1)]];
  return h("dl", { class: "figures" }, figures.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", { class: "figure" }, value))));
}

export function overview(page) {
  const { network, tasks, accounts } = store;
  return { title: "Tasks", parts: [
    h("h1", null, "Work by strangers, checked"),
    h("p", { class: "lead" }, "Solvers train, and commit to every step. Verifiers drawn by lot replay some of it. Where two disagree, a dispute narrows to one operation, which anybody can judge."),
    networkFigures(network),
    h("div", { class: "columns" },
      h("section", { class: "main-column", "aria-labelledby": "tasks-heading" },
        h("h2", { id: "tasks-heading" }, "Tasks"),
        tasks && tasks.tasks.length === 0 && h("p", { class: "quiet" }, "No task was posted yet. `assay submit` posts one."),
        tasks && h("ul", { class: "tasks" }, tasks.tasks.map(row)),
        tasks && olderAndNewer("#/", page.from, tasks.count)),
      h("section", { class: "side-column", "aria-labelledby": "accounts-heading" },
        h("h2", { id: "accounts-heading" }, "Balances and stakes"),
        accounts && accountTable(accounts.accounts, "The newest accounts"),
        accounts && accounts.count > accounts.accounts.length && h("p", null, h("a", { href: "#/accounts" }, `All ${amount(accounts.count)} accounts`)))),
  ] };
}
