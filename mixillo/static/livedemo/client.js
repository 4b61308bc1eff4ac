// A client of Mixillo's live streams, without a page around it: copy it and build your own.
//
// What it knows of the protocol is in docs/events.md: connect with the access token, remember the highest number of
// each room, send these numbers when you connect again, and never handle a number twice. `io` is Socket.IO's client.

const ANSWER_WITHIN_MS = 5_000;
const LIKES_EVERY_MS = 400;
const RETRY_MS = 2_000;
const MOST_LIKES_AT_ONCE = 50;
const EXPIRES_SOON_S = 30;

/** What the API or an acknowledgement refuses: `code` is for programs, `message` for people. */
export class Refused extends Error {
  constructor({ code, message, detail, ...more }) {
    super(detail || message || "That did not work.");
    Object.assign(this, more, { code: code || "unknown" });
  }
}

/** Ask the API and return the `data` of its envelope. A repeated `key` does the same thing once. */
export async function ask(method, path, { body, token, key } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new Refused({ code: "unreachable", message: "The server cannot be reached." });
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told);
  return told.data ?? told;
}

/** Somebody who is signed in. Access tokens are short-lived: ask for `token()` each time, and it is a fresh one. */
export class Session {
  constructor({ user, token, refreshToken }, changed = () => {}) {
    Object.assign(this, { user, changed });
    this.keep({ token, refreshToken });
  }

  static async register(username, fullName, changed) {
    const password = `${crypto.randomUUID()}!`; // thrown away: nobody signs in as them again
    const body = { username, fullName, password, email: `${username}@example.com` };
    return new Session(await ask("POST", "/api/auth/register", { body }), changed);
  }

  keep(tokens) {
    Object.assign(this, { access: tokens.token, refreshToken: tokens.refreshToken });
    this.changed({ user: this.user, ...tokens });
  }

  async token() {
    const payload = this.access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    if (exp - Date.now() / 1000 < EXPIRES_SOON_S) {
      this.renewal ??= ask("POST", "/api/auth/refresh", { body: { refreshToken: this.refreshToken } })
        .then((tokens) => this.keep(tokens))
        .finally(() => (this.renewal = null));
      await this.renewal; // one refresh for all who wait: its token is good once
    }
    return this.access;
  }

  async ask(method, path, options = {}) {
    return ask(method, path, { ...options, token: await this.token() });
  }
}

/**
 * Being in one stream. `handlers` are called with what the server tells, by its name (`live:message`, …); besides:
 *
 * - `state(word)`: `connected`, `reconnecting` (it tries by itself), `cut` (by us) or `ended` (it is not let in);
 * - `joined(room)`: inside, with everything that holds now; again after `room:reset`, when too much was missed;
 * - `told(event, payload, replayed)`: everything that was handled, for whoever wants to watch.
 */
export class Room {
  constructor(session, livestreamId, handlers) {
    Object.assign(this, { session, livestreamId, handlers, seen: {}, taps: 0, waiting: new Map(), isInside: false });
    this.socket = io({
      auth: (send) => session.token().then((token) => send({ token, offsets: this.seen }), () => send({})),
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
    });
    this.socket.onAny((event, payload) => this.hear(event, payload));
    this.socket.on("disconnect", (reason) => {
      this.isReplaying = true;
      this.state(reason === "io client disconnect" ? "cut" : "reconnecting");
      if (reason === "io server disconnect" && !this.isOver) this.socket.connect(); // not done by Socket.IO itself
    });
    this.socket.on("connect_error", (error) => {
      // With data it was the server that refused, and Socket.IO leaves it at that; else it tries again by itself.
      const code = error.data?.code;
      if (code && code !== "service_unavailable") return this.end(error.data.message || error.message);
      this.state("reconnecting");
      if (code) setTimeout(() => this.socket.connect(), RETRY_MS);
    });
  }

  state(word, why) {
    this.handlers.state?.(word, why);
  }

  /** Handle what the server tells: numbered things once and in their order, whatever was sent twice. */
  hear(event, payload) {
    if (payload?.seq && event !== "room:reset") {
      if (payload.seq <= (this.seen[payload.room] ?? 0)) return;
      this.seen[payload.room] = payload.seq;
    }
    if (event === "socket:ready") this.ready(payload);
    if (event === "room:reset") this.reset(payload);
    if (event === "session:ended") this.end("You were signed out.");
    this.handlers.told?.(event, payload, Boolean(this.isReplaying && payload?.seq));
    this.handlers[event]?.(payload);
  }

  /** Connected, and what was missed has been told: what waited may go. Rooms that were joined need no second join. */
  async ready({ rooms }) {
    this.isReplaying = false;
    try {
      if (!this.isInside || !(this.room in rooms)) await this.join();
      this.state("connected");
      for (const [clientId, text] of this.waiting) this.send(clientId, text).catch(() => {});
    } catch (error) {
      if (error.code !== "unanswered") this.end(error.message);
    }
  }

  async join() {
    const told = await this.emit("live:join", {});
    this.room = told.room;
    this.seen[told.room] = Math.max(told.seq, this.seen[told.room] ?? 0);
    this.isInside = true;
    this.handlers.joined?.(told);
  }

  /** More was missed than the room remembers: go on from its last number, and read its state anew. */
  reset({ room, seq }) {
    this.seen[room] = seq;
    if (room === this.room) this.isInside = false;
  }

  /** Send one of the client events, and return its acknowledgement; what it refuses is thrown. */
  async emit(event, data) {
    const sent = { livestreamId: this.livestreamId, ...data };
    const answer = await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, sent).catch(() => {
      throw new Refused({ code: "unanswered", message: "No answer yet." });
    });
    if (!answer.ok) throw new Refused(answer.error);
    return answer;
  }

  /**
   * Say something. Without an answer it waits and is sent again once we are back: by its `clientId` the server knows
   * a line that it has stored already, so that it is never said twice.
   */
  async say(text, clientId = crypto.randomUUID()) {
    this.waiting.set(clientId, text);
    return this.send(clientId, text);
  }

  async send(clientId, text) {
    if (!this.socket.connected) return null; // `ready` sends it
    try {
      const answer = await this.emit("live:chat", { text, clientId });
      this.waiting.delete(clientId);
      return answer;
    } catch (error) {
      if (error.code === "unanswered") return null; // it goes on waiting
      this.waiting.delete(clientId);
      throw error;
    }
  }

  /** Give the host something; the same `clientId` again is the same gift, paid once. */
  give(giftId, clientId = crypto.randomUUID()) {
    return this.emit("live:gift", { giftId, quantity: 1, clientId });
  }

  /** Count a tap. Taps travel together: who taps ten times a second sends two or three events, not ten. */
  like(refused = () => {}) {
    if (!this.socket.connected) return; // nobody misses a like
    this.taps += 1;
    this.flushing ??= setTimeout(() => {
      this.flushing = null;
      const count = Math.min(this.taps, MOST_LIKES_AT_ONCE);
      this.taps = 0;
      this.emit("live:like", { count }).catch(refused);
    }, LIKES_EVERY_MS);
  }

  cut() {
    this.socket.disconnect();
  }

  comeBack() {
    this.socket.connect();
  }

  /** Leave for good. */
  end(why) {
    this.isOver = true;
    this.socket.disconnect();
    this.state("ended", why);
  }
}
