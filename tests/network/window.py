#!/usr/bin/env python3
"""The page of a node that serves a real network, in headless Chromium: a task is won by a cheat, audited, disputed and settled while the page is open.

    window.py ASSAY [SCREENSHOTS]

Leaves screenshots in the folder SCREENSHOTS, where one is named. Exits with 77 where no Chromium is installed. Spec: API-6, API-7, API-8.
"""
import http.server
import json
import os
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from browser import Browser, find_chromium
from town import Town, free_port

TASK = ("--layers 1 --heads 2 --width 32 --context 16 --batch 4 --steps 60 --warm-up 5 --interval 10 --segments 6 --verifiers 2 --bidding 4 --answering 20 --window 2 --demand 0 "
        "--recording 300 --replaying 300 --clock 300 --reward 1000 --stake 2000").split()
VERIFIERS = ["verifier-1", "verifier-2"]
NAMES = ["submitter", "honest", "cheat", *VERIFIERS]
HOSTILE = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>&lt;b&gt;"
SIZES = [(1600, "light"), (1600, "dark"), (400, "light"), (400, "dark")]
# Every pair of a text's colour and the colour behind it, with what WCAG asks of it, where the contrast is too low.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = element => { for (; element; element = element.parentElement) { const c = rgb(getComputedStyle(element).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255]; };
  const low = new Set();
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()) || element.closest('.unseen, noscript, .skip') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), a = light(rgb(style.color)), b = light(behind(element));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5)) low.add(`${element.className || element.localName}: ${ratio.toFixed(2)}`);
  }
  return [...low];
})()"""

# What those who listen to the page, or use no mouse, would miss.
UNREADABLE = """(() => {
  const all = selector => [...document.querySelectorAll(selector)], wrong = [];
  const ids = all('[id]').map(one => one.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id is used twice');
  if (all('h1').length !== 1) wrong.push(all('h1').length + ' headings of the first level');
  const levels = all('h1, h2, h3').map(one => Number(one.localName[1]));
  if (levels.some((level, i) => i > 0 && level > levels[i - 1] + 1)) wrong.push('a level of headings is left out');
  for (const one of all('a, button, summary')) if (!one.textContent.trim()) wrong.push('nothing is said of ' + one.outerHTML);
  for (const one of all('svg')) if (!one.closest('[aria-hidden=true]')) wrong.push('a picture is neither described nor hidden: ' + one.outerHTML.slice(0, 80));
  for (const one of all('[aria-labelledby]')) if (!document.getElementById(one.getAttribute('aria-labelledby'))) wrong.push('a label is missing: ' + one.getAttribute('aria-labelledby'));
  for (const one of all('thead th, tbody th')) if (!one.scope) wrong.push('a heading of a table has no scope: ' + one.textContent);
  for (const one of all('.scroll')) if (one.tabIndex !== 0 || !one.ariaLabel) wrong.push('what scrolls cannot be reached by keys');
  return wrong;
})()"""


class Forger(http.server.BaseHTTPRequestHandler):
    """Hands on what the node answers, with hostile text wherever the ledger has a text that somebody wrote."""
    node = None

    def do_GET(self):
        try:
            answer = urllib.request.urlopen(self.node + self.path)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read()
        if self.path.startswith("/api/"):
            body = json.dumps(forged(json.loads(body))).encode()
        self.send_response(answer.status)
        for name in ["Content-Type", "Content-Security-Policy"]:
            self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def forged(value):
    """The same with hostile names: of nodes, operations, values, and the words that this page expects from a list of its own."""
    if isinstance(value, list):
        return [forged(one) for one in value]
    if isinstance(value, dict):
        return {name: HOSTILE if name in ("text", "formula", "committed", "kind", "phase", "letter") and isinstance(one, str) else forged(one) for name, one in value.items()}
    return value


class Visit:
    """A browser at the page, and what is asked of what it shows."""

    def __init__(self, browser, address, screenshots):
        self.browser, self.address, self.screenshots = browser, address, screenshots
        if screenshots:
            os.makedirs(screenshots, exist_ok=True)
        browser.look(1600)
        browser.open(address)

    def text(self, selector):
        return self.browser.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent)")

    def expect(self, expression, what):
        if not self.browser.evaluate(f"Boolean({expression})"):
            raise RuntimeError(f"{what}: not so: {expression}\nthe page says: {self.browser.evaluate('document.body.innerText')[:3000]}")

    def wait_for(self, expression):
        self.browser.wait_for(expression)

    def api(self, path):
        return json.load(urllib.request.urlopen(f"{self.address}api/{path}"))

    def no_errors(self):
        if self.browser.errors:
            raise RuntimeError("the browser complains: " + "\n".join(self.browser.errors))

    def sizes(self, name):
        """Nothing is wider than the screen, and all text can be read, on every screen and in both schemes."""
        for width, scheme in SIZES:
            self.browser.look(width, 900, scheme)
            if self.screenshots:
                self.browser.screenshot(os.path.join(self.screenshots, f"{name}-{width}-{scheme}.png"))
            self.expect(f"document.documentElement.scrollWidth <= {width}", f"{name} at {width} pixels")
            if low := self.browser.evaluate(CONTRAST):
                raise RuntimeError(f"{name} in {scheme}: too little contrast: {low}")
        if wrong := self.browser.evaluate(UNREADABLE):
            raise RuntimeError(f"{name}: {wrong}")
        self.browser.look(1600)


def hold(town, *names):
    for name in names:
        town.members[name].process.send_signal(signal.SIGSTOP)


def let_go(town, *names):
    for name in names:
        town.members[name].process.send_signal(signal.SIGCONT)


def check_run(visit):
    """The run is recorded, and its verifiers, who are held, have replayed nothing yet."""
    visit.wait_for("document.querySelector('.task')")
    visit.browser.evaluate("document.querySelector('.task a').click()")
    visit.wait_for("document.querySelectorAll('.audit .auditor.drawn').length === 2")
    visit.wait_for("document.querySelectorAll('.plot .point.claimed').length === 6")
    visit.expect("document.querySelectorAll('.plot .point').length === 6 && document.querySelectorAll('.strip .cell.drawn').length === 6", "all segments are drawn, all losses claimed")
    visit.sizes("run")


def check_dispute(visit, town):
    """The page stays on the task while its dispute runs; the cheat is held in the middle of it."""
    visit.browser.evaluate("document.querySelector('.loss details').open = true, document.querySelector('.loss summary').focus(), scrollTo(0, 300), window.before = document.querySelector('.loss details')")
    task = visit.browser.evaluate("location.hash.split('/')[2]")
    let_go(town, *VERIFIERS)
    while not any(event["kind"] == "segments_opened" for event in visit.api(f"tasks/{task}/events?count=500")["events"]):
        time.sleep(0.01)
    hold(town, "cheat")
    while max([0] + [len(dispute["moves"]) for dispute in visit.api(f"tasks/{task}/disputes")["disputes"]]) < 3:
        let_go(town, "cheat")  # a moment at a time
        time.sleep(0.02)
        hold(town, "cheat")
        time.sleep(0.05)
    visit.wait_for("document.querySelector('.dispute .clock.on-turn, .verdict') && document.querySelectorAll('.dispute .layer').length > 2")
    if visit.browser.evaluate("document.querySelector('.verdict') === null"):
        visit.expect("document.querySelector('.dispute.open .layer') && document.querySelector('.pill.alert') && document.querySelector('.strip .cell.disputed')", "the dispute is drawn while it runs")
        visit.expect("/must answer within/.test(document.querySelector('.clock.on-turn').textContent)", "it is said whose turn it is, and for how long")
        visit.sizes("dispute")
        visit.browser.evaluate("document.querySelector('.loss summary').focus(), scrollTo(0, 300)")
    else:
        print("the dispute was over before anybody could hold it up: it was not looked at while it ran")
    let_go(town, "cheat")
    visit.wait_for("document.querySelector('.verdict.convicted')")
    visit.expect("window.before.isConnected && window.before.open && document.activeElement === document.querySelector('.loss summary') && scrollY === 300",
                 "what was opened, the focus and the place stay")
    if town.members["submitter"].process.wait(120) != 3:
        raise RuntimeError("the cheat was not convicted")


def check_settled(visit, town):
    """The cheat's task, after all is paid."""
    visit.wait_for("document.querySelector('.pill').textContent === 'settled, solver convicted'")
    layers = visit.browser.evaluate("[...document.querySelector('.dispute').querySelectorAll('.layer .eyebrow')].map(one => one.firstChild.data)")
    if layers[:3] != ["Run", "Segment", "Step"] or layers[-1] not in ("Chunk", "Element"):
        raise RuntimeError(f"the dispute is drawn down to {layers}")
    visit.expect("document.querySelectorAll('.dispute')[0].querySelectorAll('.funnel').length === document.querySelectorAll('.dispute')[0].querySelectorAll('.layer').length", "each layer leads to the next")
    visit.expect("/^x /.test(document.querySelector('.formula').textContent)", "the operation is drawn")
    committed, right = visit.text(".operation .against .value")[:2]
    if committed == right or not float(committed) or not float(right):
        raise RuntimeError(f"committed {committed}, right {right}")
    visit.expect("document.querySelector('.stamp').textContent === 'Convicted'", "the verdict is shown")
    visit.expect(f"document.querySelector('.banner').textContent.includes({json.dumps(visit.text('.dispute .clock.challenger code')[0])})", "the finder is named")
    for kind in ["refuted", "replayed"]:
        visit.expect(f"document.querySelector('.plot .point.{kind}')", f"losses are said to be {kind}")
    visit.expect("document.querySelectorAll('.audit tbody tr').length === 2 && document.querySelector('.sign.another')", "the audit shows who saw something else")
    nets = dict(visit.browser.evaluate("[...document.querySelectorAll('.money tbody tr')].map(row => [row.querySelector('a').title, Number(row.querySelector('.net').textContent.replace('−', '-').replace(/[^-0-9]/g, ''))])"))
    if nets[town.identity["cheat"]] != -2000 or nets[town.identity["submitter"]] != 0 or sum(nets.values()) >= 0:
        raise RuntimeError(f"the money is said to have gone as {nets}")
    visit.no_errors()


def check_defender(visit):
    """The same dispute, if a verifier had defended the solver's root in it."""
    visit.browser.evaluate("""Promise.all(["dispute", "dom", "data"].map(name => import(`./window/${name}.js`))).then(([{disputeCard}, {fill}, {store}]) => {
        const place = document.createElement("div"), dispute = store.disputes.disputes.find(one => one.verdict === "convicted");
        fill(place, [disputeCard(dispute, store.task, new Map([[dispute.solver, "verifier"]]))]);
        window.defended = place.textContent; })""")
    visit.wait_for("window.defended")
    visit.expect("window.defended.includes('committed by the defender') && !window.defended.includes('solver')", "a defending verifier is not called the solver")


def check_hostile(visit, task):
    """The same page where everything that somebody wrote is hostile."""
    Forger.node = visit.address.rstrip("/")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    visit.browser.open(f"http://127.0.0.1:{server.server_port}/#/tasks/{task}")
    visit.wait_for("document.querySelector('.formula')")
    for selector in [".layer strong", ".formula", ".committed .value", ".task-line .quiet", ".story span", ".move-list li"]:
        if not any(HOSTILE in text for text in visit.text(selector)):
            raise RuntimeError(f"{selector} does not show the hostile text as text: {visit.text(selector)}")
    visit.expect("document.title !== 'caught' && !document.querySelector('main img, main script, main b')", "hostile text is text")
    visit.browser.look(400)
    visit.expect("document.documentElement.scrollWidth <= 400", "hostile text does not break the page")
    visit.browser.look(1600)
    visit.no_errors()
    server.shutdown()
    visit.browser.open(visit.address)


def check_lost(visit, town):
    """The node is killed, and comes back."""
    visit.wait_for("document.querySelector('.task')")
    height = visit.text(".link-figures")[0].split(",")[0]
    town.members["node"].kill()
    visit.wait_for("document.querySelector('#alarm strong')")
    visit.expect("document.querySelector('#alarm').textContent.includes('cannot be reached') && document.querySelector('.task')", "what is known stays, and it is said that it is old")
    visit.sizes("lost")
    town.members["node"].start()
    visit.wait_for("!document.querySelector('#alarm strong')")
    visit.expect(f"document.querySelector('.link-figures').textContent.startsWith({json.dumps(height)})", "it goes on where it was")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    chromium = find_chromium()
    if chromium is None:
        print("skipped: no Chromium is installed here, so nobody has looked at the page")
        sys.exit(77)
    folder, port = tempfile.mkdtemp(prefix="assay-window-"), free_port()
    town = Town(sys.argv[1], folder, NAMES)
    town.start_node(http_port=port)
    browser = Browser(chromium)
    try:
        visit = Visit(browser, f"http://127.0.0.1:{port}/", sys.argv[2] if len(sys.argv) > 2 else None)
        for kind in ["keyDown", "keyUp"]:
            browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        visit.expect("document.activeElement.matches('.skip')", "the first thing that keys reach leads to the content")
        visit.wait_for("document.querySelector('.tasks') && document.querySelectorAll('.accounts tbody tr').length === %d" % len(NAMES))
        for name in VERIFIERS:
            town.party(name, "verify", "--stake", "1000").start()
        visit.wait_for("document.querySelectorAll('.accounts .meter').length === 2")  # both have joined
        hold(town, *VERIFIERS)
        town.party("honest", "solve", "--price", "500").start()
        town.party("cheat", "solve", "--price", "300", "--cheat", "nudged-weight", "--tasks", "1").start()
        text = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../spec/market.md")
        town.party("submitter", "submit", *TASK, text).start()
        check_run(visit)
        check_dispute(visit, town)
        check_settled(visit, town)
        check_defender(visit)
        visit.sizes("settled")
        task = browser.evaluate("location.hash.split('/')[2]")
        browser.evaluate("location.hash = '#/accounts'")
        visit.wait_for("document.querySelector('h1').textContent === 'Accounts'")
        visit.sizes("accounts")
        browser.evaluate("location.hash = '#/'")
        visit.wait_for("document.querySelectorAll('.task').length === 1")
        visit.sizes("overview")
        visit.no_errors()
        check_hostile(visit, task)
        check_lost(visit, town)
        print("the page showed the run, the dispute down to its operation, the verdict and the money; hostile text was text; a lost node was said to be lost, and found again")
    except Exception:
        print(f"logs: {folder}", file=sys.stderr)
        raise
    finally:
        let_go(town, *town.members)
        browser.stop()
        town.stop()


main()
