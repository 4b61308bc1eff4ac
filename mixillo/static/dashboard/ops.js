/* The dashboard's own script: live cards, moments in local time, retrying. Every page also works without it. */
(() => {
  "use strict";
  const POLL_MS = 10_000; // also how soon a refused socket is tried again
  const SILENCE_MS = 15_000; // while a page is live, something is told every 10 s
  const STALE_MS = 30_000;
  const PULL_TIMEOUT_MS = 10_000;
  const RETRY_MS = 2_000;
  const HIGHLIGHT = "changed";
  const REST = 0.5; // times as long as the last answer took: a slow database is asked less often

  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- moments ---------------------------------------------------------------------------------------------
  const UNITS = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

  function ago(moment) {
    const seconds = Math.max(0, Math.round((Date.now() - moment) / 1000));
    if (seconds < 5) return "just now";
    const [length, unit] = UNITS.find(([size]) => seconds >= size);
    return `${Math.floor(seconds / length)} ${unit} ago`;
  }

  function dress(root) {
    for (const time of $$("time[datetime]", root)) {
      const moment = new Date(time.dateTime);
      time.title = `${moment.toLocaleString()} here, ${moment.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    }
  }

  function tellTimes() {
    for (const time of $$("time[data-ago]")) time.textContent = ago(new Date(time.dateTime));
  }

  // ---- retrying: the page that stands in for one that cannot be shown now -----------------------------------
  function retry(note) {
    const seconds = Number(note.dataset.retry);
    note.textContent = `This page tries again every ${seconds} s.`;
    setInterval(async () => {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
      if (answer && answer.status !== 503) location.reload();
    }, seconds * 1000);
  }

  // ---- live cards ------------------------------------------------------------------------------------------
  const dirty = new Set();
  const seen = {};
  let socket = null;
  let pulling = false;
  let ended = false;
  let reached = Date.now();
  let heard = Date.now();

  const cards = () => $$("[data-topics]");

  function show(state, words) {
    const live = document.getElementById("live");
    if (live.dataset.state === state) return;
    live.dataset.state = state;
    live.querySelector(".word").textContent = words;
  }

  function showState() {
    if (ended) return;
    if (socket.connected) show("live", "Live");
    else if (Date.now() - reached < POLL_MS * 2) show("polling", "Polling every 10 s");
    else show("lost", "Reconnecting");
  }

  function mark(topic) {
    for (const card of cards()) if (!topic || card.dataset.topics.split(" ").includes(topic)) dirty.add(card.id);
    pull();
  }

  const inHand = (card) => !getSelection().isCollapsed && card.contains(getSelection().anchorNode);
  // Its answer replaces the card: were that gone by then, htmx would take the search box away with it.
  const busy = (element) => element.matches(".htmx-request") || element.querySelector(".htmx-request") !== null;

  /** Ask for all cards that are out of date in one request; the next one waits until this is answered. */
  async function pull() {
    if (pulling || ended || document.hidden || !dirty.size) return;
    const wanted = cards().filter((card) => dirty.has(card.id) && !inHand(card) && !busy(card));
    if (!wanted.length) return;
    pulling = true;
    const started = performance.now();
    let rest = RETRY_MS;
    wanted.forEach((card) => dirty.delete(card.id));
    const url = location.href;
    try {
      const answer = await fetch(url, {
        headers: { "HX-Request": "true", "X-Live": wanted.map((card) => card.id).join(",") },
        cache: "no-store",
        signal: AbortSignal.timeout(PULL_TIMEOUT_MS),
      });
      if (answer.status === 401) return signedOut();
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      reached = Date.now();
      rest = (performance.now() - started) * REST;
      const current = (card) => url === location.href && card.isConnected && !busy(card);
      for (const card of wanted) current(card) ? replace(card, fresh.getElementById(card.id)) : dirty.add(card.id);
    } catch {
      wanted.forEach((card) => dirty.add(card.id)); // tried again after the rest
    } finally {
      showState();
      setTimeout(rested, Math.min(POLL_MS, rest));
    }
  }

  function rested() {
    pulling = false;
    pull();
  }

  function figures(root) {
    return new Map($$("[data-figure]", root).map((node) => [node.dataset.figure, node.textContent]));
  }

  /** Put the fresh card in place; focus, scroll position, typed text and what is unfolded stay, changed figures light up. */
  function replace(card, fresh) {
    if (!fresh) return;
    const before = figures(card);
    for (const fold of $$("details[id]", card)) fresh.querySelector(`#${fold.id}`)?.toggleAttribute("open", fold.open);
    const scrolled = $$(".scroll", card).map((box) => [box.scrollLeft, box.scrollTop]);
    htmx.swap(card, fresh.outerHTML, { swapStyle: "outerHTML", settleDelay: 0, swapDelay: 0 });
    const now = document.getElementById(card.id);
    $$(".scroll", now).forEach((box, i) => scrolled[i] && ([box.scrollLeft, box.scrollTop] = scrolled[i]));
    for (const node of $$("[data-figure]", now)) {
      const old = before.get(node.dataset.figure);
      if (old !== undefined && old !== node.textContent) node.classList.add(HIGHLIGHT);
    }
    dress(now);
  }

  /** What was typed while its card was being replaced went to a form that is gone: ask again for what the box says. */
  function resumeSearch(root) {
    for (const form of $$("form[data-search]", root)) {
      const box = form.querySelector("input[type=search]");
      const wanted = box.value.trim();
      if (busy(form)) continue; // what comes back is looked at, too
      if (wanted === form.dataset.search || wanted === box.dataset.resumed) delete box.dataset.resumed;
      else {
        box.dataset.resumed = wanted; // once: an answer that says otherwise is the server's last word
        form.requestSubmit();
      }
    }
  }

  function signedOut() {
    ended = true;
    socket.disconnect();
    show("ended", "Signed out: reload to sign in");
    markStale();
  }

  function markStale() {
    const connected = socket.connected && !ended;
    for (const stamp of $$("[data-as-of]")) {
      const live = stamp.closest("[data-topics]");
      stamp.classList.toggle("is-stale", !connected && live !== null && Date.now() - new Date(stamp.dataset.asOf) > STALE_MS);
    }
  }

  /** Cards that say that something is down look again by themselves: its return is no change of a figure. */
  function askAgain() {
    if (Date.now() - reached < RETRY_MS) return;
    for (const sign of $$("[data-topics] .problem, .verdict.down")) dirty.add(sign.closest("[data-topics]").id);
  }

  /** Let the scripts of single pages hear what the one socket of the page hears. */
  const announce = (name, detail) => document.dispatchEvent(new CustomEvent(`ops:${name}`, { detail }));

  function connect() {
    socket = io("/ops", { reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
    socket.on("connect", () => {
      reached = Date.now();
      showState();
      mark(); // whatever was missed
      announce("connect", socket);
    });
    socket.onAny(announce);
    socket.on("disconnect", showState);
    socket.on("connect_error", showState);
    socket.on("signed_out", signedOut);
    socket.on("changed", ({ topic, version }) => {
      if (version <= (seen[topic] || 0)) return;
      seen[topic] = version;
      heard = Date.now();
      mark(topic);
    });
    setInterval(() => {
      const silent = Date.now() - heard > SILENCE_MS; // connected, but the server cannot hear of changes itself
      if (ended || (socket.connected && !silent)) return;
      if (!socket.active) socket.connect(); // the server refused it; it does not try again by itself
      mark();
    }, POLL_MS);
    setInterval(() => {
      tellTimes();
      showState();
      markStale();
      askAgain();
      pull(); // cards that were in hand a moment ago
    }, 1_000);
    document.addEventListener("visibilitychange", () => document.hidden || mark());
    document.body.addEventListener("htmx:afterSettle", (event) => {
      const root = event.detail.elt.parentElement || document;
      dress(root);
      resumeSearch(event.detail.elt);
    });
    document.body.addEventListener("htmx:responseError", (event) => event.detail.xhr.status === 401 && signedOut());
  }

  dress(document);
  $$("[data-retry]").forEach(retry);
  if (document.body.hasAttribute("data-live")) connect();
})();
