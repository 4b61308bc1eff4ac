/* The stream of live events: told by the socket, asked for without one; bounded, filtered and paused here. */
(() => {
  "use strict";
  const POLL_MS = 10_000;
  const PAINT_MS = 200; // rows come in together: a flood costs no more than five paintings a second
  const list = document.getElementById("stream");
  const state = document.getElementById("stream-state");
  const pause = document.getElementById("stream-pause");
  const filter = document.getElementById("stream-filter");
  const row = document.getElementById("stream-row").content.firstElementChild;
  const most = Number(list.dataset.most);
  const boxes = [...filter.querySelectorAll("input[name=kind]")];

  // All that this page remembers: at most `most` events, the newest first, and those that wait to be shown.
  let events = [...list.children].map((item) => ({
    id: item.dataset.id,
    at: item.querySelector("time").dateTime,
    kind: item.dataset.kind,
    name: item.querySelector("code").textContent,
    summary: item.querySelector(".what").textContent,
  }));
  let waiting = [];
  let dropped = 0;
  let paused = false;
  let painting = null;
  let ended = false;

  const known = new Set(events.map((event) => event.id));
  const chosen = () => new Set(boxes.filter((box) => box.checked).map((box) => box.value));

  function take(event) {
    if (known.has(event.id)) return;
    known.add(event.id);
    waiting.push(event);
    if (waiting.length > most) {
      known.delete(waiting.shift().id);
      dropped += 1;
    }
    if (paused) tell();
    else painting ??= setTimeout(paint, PAINT_MS);
  }

  function paint() {
    painting = null;
    if (paused) return;
    const fresh = waiting.sort((a, b) => (a.at < b.at ? 1 : -1));
    waiting = [];
    events = [...fresh, ...events];
    for (const event of events.splice(most)) known.delete(event.id);
    const wanted = chosen();
    list.prepend(...fresh.filter((event) => wanted.has(event.kind)).map(build));
    while (list.children.length > most) list.lastElementChild.remove();
    tell();
  }

  function repaint() {
    const wanted = chosen();
    list.replaceChildren(...events.filter((event) => wanted.has(event.kind)).map(build));
    tell();
  }

  function build(event) {
    const item = row.cloneNode(true);
    const at = new Date(event.at);
    item.dataset.id = event.id;
    item.dataset.kind = event.kind;
    const time = item.querySelector("time");
    time.dateTime = event.at;
    time.textContent = at.toISOString().slice(11, 19);
    time.title = `${at.toLocaleString()} here, ${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    item.querySelector(".kind").textContent = event.kind;
    item.querySelector("code").textContent = event.name;
    item.querySelector(".what").textContent = event.summary;
    return item;
  }

  function tell() {
    const shown = list.children.length;
    const kept = events.length === most ? `, the newest ${most} are kept` : "";
    const lost = dropped ? `, ${dropped} older ones were dropped` : "";
    state.textContent = paused ? `Paused: ${waiting.length} wait${lost}` : `${shown} shown of ${events.length}${kept}${lost}`;
    for (const box of boxes) {
      const count = events.filter((event) => event.kind === box.value).length;
      filter.querySelector(`[data-count="${box.value}"]`).textContent = count || "";
    }
    document.getElementById("stream-empty")?.toggleAttribute("hidden", events.length > 0);
  }

  async function ask() {
    const answer = await fetch(list.dataset.latest, { headers: { "HX-Request": "true", "X-Live": "events" }, cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) ended = true;
    if (!answer?.ok) return;
    for (const event of (await answer.json()).events.reverse()) take(event);
  }

  pause.hidden = false;
  filter.querySelector("[data-plain]").hidden = true;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    pause.textContent = paused ? "Resume" : "Pause";
    paused ? tell() : paint();
  });
  filter.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.delete("kind");
    const wanted = chosen();
    if (wanted.size < boxes.length) wanted.forEach((kind) => url.searchParams.append("kind", kind));
    history.replaceState(null, "", url);
    repaint();
  });
  document.addEventListener("ops:connect", ({ detail: socket }) => {
    socket.emit("follow");
    ask(); // what happened while nobody listened
  });
  document.addEventListener("ops:event", ({ detail: event }) => take(event));
  document.addEventListener("ops:signed_out", () => (ended = true));
  setInterval(() => {
    if (!ended && !document.hidden && document.getElementById("live").dataset.state !== "live") ask();
  }, POLL_MS);
  tell();
})();
