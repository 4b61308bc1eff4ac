// The page around client.js: what people see and press. Everything that is told comes through `handlers`.
import { ask, Refused, Room, Session } from "./client.js";

const REMEMBERED = "live-demo"; // in this window alone, so that two windows are two people
const LOBBY_EVERY_MS = 3_000;
const TOAST_MS = 6_000;
const MOST_LINES = 200;
const MOST_HEARTS = 12;
const MUTED_MINUTES = 1;
const SHADES = 6;
const SHOWN_DIGITS = 6;
const STATES = {
  idle: "Not connected", connecting: "Connecting", connected: "Connected", reconnecting: "Reconnecting",
  cut: "Cut off by you", ended: "Left",
};

const $ = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");

let session = null;
let room = null;
let stream = null;
let isHost = false;
let isPaused = false;
let given = 0;
let likes = 0;

// ---- people ------------------------------------------------------------------------------------------------------
const NAMES = ["Amira", "Bela", "Chidi", "Dora", "Emeka", "Freya", "Goran", "Hana", "Ivo", "Juno", "Kaito", "Lena", "Milo", "Nour"];
const LAST = ["Marlow", "Okafor", "Petrov", "Quill", "Rahman", "Solberg", "Tanaka", "Ueda", "Vance", "Winter"];
const any = (list) => list[Math.floor(Math.random() * list.length)];

function dress(avatar, name) {
  const sum = [...name].reduce((total, sign) => total + sign.codePointAt(0), 0);
  avatar.dataset.shade = sum % SHADES;
  avatar.textContent = name.split(/[\s_]+/).slice(0, 2).map((part) => part[0] ?? "").join("").toUpperCase();
}

const called = (user) => user.fullName || user.username || "Somebody";

const remember = (signedIn) => sessionStorage.setItem(REMEMBERED, JSON.stringify(signedIn));

function remembered() {
  const kept = JSON.parse(sessionStorage.getItem(REMEMBERED) || "null");
  return kept && new Session(kept, remember);
}

async function enter(name) {
  const username = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "_").slice(0, 18)}_${Math.random().toString(36).slice(2, 8)}`;
  await ask("POST", document.body.dataset.stock).catch(() => {}); // in production the shelves are the owner's business
  session = await Session.register(username, name, remember);
}

// ---- what goes wrong ---------------------------------------------------------------------------------------------
function toast(text, kind = "bad") {
  const note = document.createElement("p");
  note.className = kind;
  note.textContent = text;
  $("toasts").append(note);
  setTimeout(() => note.remove(), TOAST_MS);
}

/** Do what a button is for; it cannot be pressed again meanwhile, and what is refused is said. */
async function press(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(error.message);
  } finally {
    button.disabled = false;
  }
}

function show(id) {
  for (const part of ["enter", "lobby", "room"]) $(part).hidden = part !== id;
}

function tellState(word, why) {
  $("state").dataset.state = word;
  $("state").querySelector(".word").textContent = STATES[word];
  $("cut").textContent = word === "cut" ? "Connect again" : "Cut my connection";
  $("cut").disabled = word === "ended";
  for (const id of ["like", "end", "pause", "slow"]) $(id).disabled = word !== "connected";
  for (const button of $("gifts").children) button.disabled = word !== "connected";
  if (word === "ended") $("text").disabled = true;
  if (why) toast(why, "note");
}

// ---- the lobby ---------------------------------------------------------------------------------------------------
let lobby = null;

async function openLobby() {
  history.replaceState(null, "", location.pathname);
  show("lobby");
  $("title").focus();
  const look = async () => {
    const { livestreams } = await ask("GET", "/api/live?limit=8").catch(() => ({ livestreams: [] }));
    const known = [...$("streams").children].map((item) => item.dataset.id).join();
    if (known === livestreams.map((each) => each._id).join()) return; // what has the focus stays
    $("streams").replaceChildren(...livestreams.map(streamCard));
    $("no-streams").hidden = livestreams.length > 0;
  };
  await look();
  lobby ??= setInterval(look, LOBBY_EVERY_MS);
}

function streamCard(each) {
  const item = document.createElement("li");
  const avatar = Object.assign(document.createElement("span"), { className: "avatar", ariaHidden: "true" });
  dress(avatar, called(each.host));
  const words = document.createElement("p");
  words.append(Object.assign(document.createElement("b"), { textContent: each.title }), ` ${called(each.host)}`);
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Watch" });
  button.setAttribute("aria-label", `Watch ${each.title} with ${called(each.host)}`);
  button.addEventListener("click", () => press(button, () => openRoom(each._id)));
  item.dataset.id = each._id;
  item.append(avatar, words, button);
  return item;
}

async function goLive(title) {
  try {
    const body = { title, provider: "webrtc", description: "A demo" };
    const begun = await session.ask("POST", "/api/live/start", { body });
    await openRoom(begun.livestream._id);
  } catch (error) {
    if (error.code !== "live_already_running") throw error;
    await openRoom(error.livestreamId); // one at a time: this one
  }
}

// ---- the room ----------------------------------------------------------------------------------------------------
async function openRoom(id) {
  ({ livestream: stream } = await session.ask("GET", `/api/live/${id}`));
  clearInterval(lobby);
  lobby = null;
  history.replaceState(null, "", `?stream=${id}`);
  isHost = stream.hostId === session.user._id;
  document.body.dataset.role = isHost ? "host" : "guest";
  document.title = `${stream.title} · Mixillo live demo`;
  $("room-title").textContent = stream.title;
  $("host-name").textContent = called(stream.host);
  dress($("host-avatar"), called(stream.host));
  $("second").href = location.href;
  tellGiven(stream.totalGiftsValue - given);
  await Promise.all([showPurse(), isHost || showGifts()]);
  show("room");
  $("cut").hidden = false;
  tellState("connecting");
  room = new Room(session, id, handlers);
  $("main").focus();
}

const handlers = {
  state: tellState,
  told: tellWire,

  async joined(told) {
    showViewers(told.viewerCount);
    showLikes(told.likesCount);
    showRules(told);
    showPinned(told.pinned);
    if (told.mutedUntil) showMuted(told.mutedUntil);
    // We are inside already: what is said while we read comes twice, and a line that is there is not shown again.
    const { messages } = await session.ask("GET", `/api/live/${stream._id}/messages?limit=50`);
    for (const message of messages.reverse()) showLine(message);
  },

  "live:message": ({ message }) => showLine(message),
  "live:message_deleted": ({ messageId }) => document.querySelector(`[data-line="${messageId}"]`)?.remove(),
  "live:pinned": ({ message }) => showPinned(message),
  "live:settings": showRules,
  "live:viewers": ({ viewerCount }) => showViewers(viewerCount),
  "live:likes": ({ likesCount }) => showLikes(likesCount),
  "live:muted": ({ userId, until }) => userId === session.user._id && showMuted(until),
  "live:kicked": () => room.end("The host has shown you out."),
  "stream:ended": () => {
    $("status").textContent = "Ended";
    $("stage").dataset.status = "ended";
    note("The stream is over.");
    room.end();
  },
  "wallet:updated": ({ currency, available }) => currency === "coins" && ($("balance").textContent = number(available)),

  "live:gift"({ transactionId, gift, sender, totalCost }) {
    if (document.querySelector(`[data-line="${transactionId}"]`)) return;
    note(`${sender ? called(sender) : "Somebody"} gave ${gift.icon} ${gift.name}`, "gift", transactionId);
    float(gift.icon, "large");
    tellGiven(totalCost);
  },
};

/** Show a line once: our own stands there already, under the name that this client gave it. */
function showLine(message) {
  if (document.querySelector(`[data-line="${message._id}"]`)) return;
  const mine = message.clientId && document.querySelector(`[data-client="${message.clientId}"]`);
  const line = mine || append($("line").content.firstElementChild.cloneNode(true));
  line.classList.remove("waits");
  line.dataset.line = message._id;
  line.dataset.user = message.user._id;
  dress(line.querySelector(".avatar"), called(message.user));
  line.querySelector("b").textContent = called(message.user);
  line.querySelector(".role").textContent = message.role === "viewer" ? "" : message.role;
  line.querySelector(".text").textContent = message.text;
  line.querySelector('[data-do="mute"]').hidden = message.role !== "viewer";
  if (mine) $("lines").append(mine); // where the room heard it
  keepUp();
}

/** Show our own line at once, paler, until the room has it. */
async function say(text) {
  const clientId = crypto.randomUUID();
  const line = append($("line").content.firstElementChild.cloneNode(true));
  line.classList.add("waits");
  line.dataset.client = clientId;
  dress(line.querySelector(".avatar"), called(session.user));
  line.querySelector("b").textContent = called(session.user);
  line.querySelector(".role").textContent = "waiting";
  line.querySelector(".text").textContent = text;
  keepUp(true);
  try {
    await room.say(text, clientId);
  } catch (error) {
    line.remove();
    throw error;
  }
}

function note(text, kind = "note", id = "") {
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text;
  item.dataset.line = id;
  append(item);
  keepUp();
}

function append(item) {
  $("lines").append(item);
  while ($("lines").children.length > MOST_LINES) $("lines").firstElementChild.remove();
  return item;
}

/** Scroll to the newest line, unless somebody reads further up. */
function keepUp(always = false) {
  const list = $("log");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight;
  if (always || below < 160) list.scrollTop = list.scrollHeight;
}

function showPinned(message) {
  $("pinned").hidden = !message;
  if (!message) return;
  $("pinned").querySelector("b").textContent = called(message.user);
  $("pinned").querySelector("p > span:last-child").textContent = message.text;
}

function showRules({ status, slowModeSeconds, allowComments }) {
  isPaused = status === "paused";
  $("stage").dataset.status = status;
  $("status").textContent = status[0].toUpperCase() + status.slice(1);
  $("pause").textContent = isPaused ? "Resume" : "Pause";
  $("slow").value = String(slowModeSeconds);
  const rules = [slowModeSeconds && `one line in ${slowModeSeconds} s`, allowComments || "closed by the host"];
  $("rules").textContent = rules.filter((rule) => typeof rule === "string").join(", ");
}

let unmuting = null;

function showMuted(until) {
  clearTimeout(unmuting);
  const left = until ? new Date(until) - Date.now() : 0;
  $("text").disabled = left > 0;
  $("text").placeholder = left > 0 ? `Muted until ${new Date(until).toLocaleTimeString()}` : "Say something";
  if (left > 0) unmuting = setTimeout(() => showMuted(null), left);
}

function showViewers(count) {
  $("viewers").textContent = number(count);
}

function showLikes(count) {
  const more = count - likes;
  likes = count;
  $("likes").textContent = number(count);
  if (isHost) for (let n = 0; n < Math.min(more, MOST_HEARTS); n += 1) setTimeout(() => float("❤"), n * 80);
}

function tellGiven(more) {
  given += more;
  $("given").textContent = number(given);
}

function float(sign, size = "small") {
  const bubble = document.createElement("span");
  bubble.textContent = sign;
  bubble.className = `bubble ${size}`;
  bubble.style.setProperty("--from", `${10 + Math.random() * 80}%`);
  bubble.style.setProperty("--sway", `${Math.random() * 60 - 30}px`);
  bubble.addEventListener("animationend", () => bubble.remove());
  $("sky").append(bubble);
}

// ---- coins and gifts ---------------------------------------------------------------------------------------------
async function showPurse() {
  const { available } = await session.ask("GET", "/api/coins/balance");
  $("balance").textContent = number(available);
  $("buy").hidden = document.body.dataset.sandbox !== "yes";
}

async function showGifts() {
  const { gifts } = await session.ask("GET", "/api/gifts?limit=4");
  $("gifts").replaceChildren(...gifts.map(giftButton));
}

function giftButton(gift) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "gift" });
  const icon = document.createElement("span");
  icon.className = "sign";
  icon.textContent = /[/:]/.test(gift.icon) ? "🎁" : gift.icon; // an address of a picture, or a sign
  icon.ariaHidden = "true";
  const price = Object.assign(document.createElement("small"), { textContent: `${number(gift.price)} coins` });
  button.append(icon, Object.assign(document.createElement("span"), { textContent: gift.name }), price);
  button.addEventListener("click", () => press(button, async () => {
    const { newBalance } = await room.give(gift._id);
    $("balance").textContent = number(newBalance);
  }));
  return button;
}

/** Buy coins as an app does; the sandbox takes no money, and books like any payment provider. */
async function buy() {
  const { packages } = await session.ask("GET", "/api/coins/packages");
  if (!packages.length) throw new Refused({ code: "no_packages", message: "There are no coins on sale." });
  const key = crypto.randomUUID();
  const body = { packageId: packages[0]._id };
  const { payment } = await session.ask("POST", "/api/coins/purchase", { body, key });
  await session.ask("POST", `/api/payments/${payment._id}/sandbox/complete`, { key: `${key}-paid` });
  await showPurse(); // `wallet:updated` tells it, too
}

// ---- what the host decides ---------------------------------------------------------------------------------------
const decide = (method, path, body) => session.ask(method, `/api/live/${stream._id}/${path}`, { body });
const DECISIONS = {
  pin: (line) => decide("PUT", "pin", { messageId: line.dataset.line }),
  remove: (line) => decide("DELETE", `messages/${line.dataset.line}`),
  async mute(line) {
    await decide("POST", "mutes", { userId: line.dataset.user, minutes: MUTED_MINUTES });
    toast(`Muted for ${MUTED_MINUTES} minute.`, "note");
  },
};

// ---- what the wire says ------------------------------------------------------------------------------------------
function tellWire(event, payload, replayed) {
  const item = document.createElement("li");
  const seq = Object.assign(document.createElement("span"), { className: "seq", textContent: payload?.seq ? `#${String(payload.seq).slice(-SHOWN_DIGITS)}` : "" });
  item.append(seq, Object.assign(document.createElement("code"), { textContent: event }));
  if (replayed) item.append(Object.assign(document.createElement("span"), { className: "again", textContent: "again" }));
  item.append(Object.assign(document.createElement("span"), { className: "what", textContent: gist(payload) }));
  $("heard").prepend(item);
  while ($("heard").children.length > MOST_LINES) $("heard").lastElementChild.remove();
}

function gist(payload = {}) {
  const { room: _room, seq: _seq, livestreamId: _id, ...rest } = payload;
  return JSON.stringify(rest).slice(0, 140);
}

// ---- what is pressed ---------------------------------------------------------------------------------------------
function onSubmit(id, work) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    press(event.submitter ?? event.target.querySelector("button"), () => work(event.target));
  });
}

const wanted = () => new URLSearchParams(location.search).get("stream");

async function goOn() {
  const id = wanted();
  if (!id) return openLobby();
  await openRoom(id).catch((error) => {
    toast(error.message);
    return openLobby();
  });
}

onSubmit("enter-form", async (form) => {
  await enter(form.elements.name.value.trim());
  await goOn();
});
onSubmit("start-form", (form) => goLive(form.elements.title.value));
$("say-form").addEventListener("submit", (event) => {
  event.preventDefault(); // not by `press`: the next line may be sent while this one travels
  const text = $("text").value.trim();
  event.target.reset();
  if (text) say(text).catch((error) => toast(error.message));
});
$("like").addEventListener("click", () => {
  room.like((error) => toast(error.message));
  float("❤");
});
$("buy").addEventListener("click", (event) => press(event.currentTarget, buy));
$("cut").addEventListener("click", () => (room.socket.connected || room.socket.active ? room.cut() : room.comeBack()));
$("unpin").addEventListener("click", (event) => press(event.currentTarget, () => decide("PUT", "pin", { messageId: null })));
$("pause").addEventListener("click", (event) => press(event.currentTarget, () => decide("POST", isPaused ? "resume" : "pause")));
$("end").addEventListener("click", (event) => press(event.currentTarget, () => decide("POST", "end", {})));
$("slow").addEventListener("change", (event) => press(event.currentTarget, () => decide("PATCH", "settings", { slowModeSeconds: Number(event.target.value) })));
$("lines").addEventListener("click", ({ target }) => {
  const work = DECISIONS[target.dataset.do];
  if (work) press(target, () => work(target.closest("li")));
});

session = remembered();
$("name").value = `${any(NAMES)} ${any(LAST)}`;
if (session) await goOn();
else {
  show("enter");
  $("enter-form").querySelector("button").focus();
}
