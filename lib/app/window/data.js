// What the node says, asked again and again. Nothing is asked while nobody looks, and little while the chain stands still.

export const store = {
  network: null, // the last answer about the network
  answeredAt: 0, // when it came, by performance.now()
  answeredTime: null, // and by the clock on the wall
  failure: null, // why the node could not be asked since
  page: null, // what is asked for: {kind, ...}
  loaded: null, // the page that the answers below are about
  tasks: null, accounts: null, account: null,
  task: null, events: [], disputes: null, losses: null,
};

const eventsAtOnce = 500, patience = 8000;

// Returns: the answer, or null for what there is not.
async function get(path) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    const response = await fetch(`api/${path}`, { cache: "no-store", signal: control.signal });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`the node answers ${response.status}`);
    return await response.json();
  } catch (error) {
    throw error.name === "AbortError" ? new Error(`no answer within ${patience / 1000} s`) : error;
  } finally {
    clearTimeout(timer);
  }
}

const listed = (path, page) => get(`${path}?from=${page.from}&count=50`);

// Only what is new of the task's events.
async function moreEvents(id, known) {
  const events = known.slice();
  for (;;) {
    const { events: more } = await get(`tasks/${id}/events?from=${events.length}&count=${eventsAtOnce}`);
    events.push(...more);
    if (more.length < eventsAtOnce) return events;
  }
}

// All losses again where the audit may have changed what is known of the old ones, else the new ones.
async function moreLosses(task, before, known) {
  const goesOn = before && known && before.phase === task.phase && before.convicted === task.convicted;
  const losses = goesOn ? known.losses.slice() : [];
  let answer;
  do {
    answer = await get(`tasks/${task.id}/losses?from=${losses.length}&count=${eventsAtOnce}`);
    losses.push(...answer.losses);
  } while (answer.losses.length === eventsAtOnce);
  return { count: answer.count, has_loss: answer.has_loss, losses };
}

async function readTask(page) {
  const before = store.task?.id === page.id ? store.task : null;
  const task = await get(`tasks/${page.id}`);
  if (task === null) return { task: null };
  const [events, disputes, losses] = await Promise.all([
    moreEvents(page.id, before ? store.events : []),
    task.disputes_opened > 0 ? get(`tasks/${page.id}/disputes?count=${page.disputes}`) : { count: 0, disputes: [] },
    moreLosses(task, before, store.losses),
  ]);
  return { task, events, disputes, losses };
}

async function readPage(page) {
  if (page.kind === "task") return readTask(page);
  if (page.kind === "account") return { account: await get(`accounts/${page.id}`) };
  if (page.kind === "accounts") return { accounts: await listed("accounts", page) };
  const [tasks, accounts] = await Promise.all([listed("tasks", page), get("accounts?count=12")]);
  return { tasks, accounts };
}

function forget() {
  Object.assign(store, { account: null, task: null, events: [], disputes: null, losses: null });
}

let isAsking = false, timer = 0, seen = null;

async function round() {
  const network = await get("network");
  const page = store.page;
  if (store.network && network.network !== store.network.network) forget(); // another network has taken the address over
  if (seen?.page !== page || seen.head !== network.head || store.failure !== null) {
    const answers = await readPage(page);
    if (store.page !== page) return round(); // somebody has gone elsewhere
    Object.assign(store, answers, { loaded: page });
    seen = { page, head: network.head };
  }
  Object.assign(store, { network, answeredAt: performance.now(), answeredTime: new Date(), failure: null });
}

let changed = () => {};
// `callback` is called after each answer and each failure.
export function whenAsked(callback) {
  changed = callback;
}

// Asks now, and then every second or, while much happens, twice in it.
export async function ask() {
  clearTimeout(timer);
  if (isAsking) return;
  isAsking = true;
  const before = store.network?.head;
  try {
    await round();
  } catch (error) {
    store.failure = error.message || String(error);
  }
  isAsking = false;
  if (!document.hidden) timer = setTimeout(ask, store.failure === null && store.network.head !== before ? 500 : 1000);
  changed();
}

// Shows another page. Requires: ask() follows.
export function show(page) {
  if (store.page?.id !== page.id) forget();
  store.page = page;
}
