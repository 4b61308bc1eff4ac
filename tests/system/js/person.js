// Somebody in a stream: says what comes in as JSON lines ({text, cut}), one after another, each until it is answered;
// prints one JSON line per event; leaves when its input ends. With one URL the client comes back by itself, with several
// it goes to the next one.
const { io } = require("socket.io-client");
const readline = require("node:readline");
const [places, token, transports, livestreamId] = process.argv.slice(2);
const urls = places.split(",");
const room = `live_${livestreamId}`;
const seen = {};
const lines = [];
let socket, turn = 0, isReady = false, isBusy = false, isOver = false;

const tell = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));

function speak() {
  if (!isReady || isBusy || !lines.length) return;
  const line = lines[0];
  isBusy = true;
  const body = { livestreamId, text: line.text, clientId: line.text };
  socket.timeout(3000).emit("live:chat", body, (error, answer) => {
    isBusy = false;
    if (!error && answer.ok) lines.shift();
    else if (!error) tell("refused", { detail: answer });
    speak();
  });
  if (line.cut) {
    line.cut = false;
    socket.io.engine.close();
  }
}

function open() {
  socket = io(urls[turn++ % urls.length], {
    auth: (send) => send({ token, offsets: seen }),
    transports: transports.split("+"),
    reconnection: urls.length === 1, reconnectionDelay: 50, reconnectionDelayMax: 300, forceNew: true,
  });
  socket.on("connect", () => tell("connect", { transport: socket.io.engine.transport.name, id: socket.io.engine.id }));
  socket.io.on("open", () => socket.io.engine.on("upgrade", ({ name }) => tell("upgrade", { transport: name })));
  socket.on("disconnect", (reason) => { isReady = false; tell("disconnect", { reason }); again(); });
  socket.on("connect_error", (error) => { tell("connect_error", { detail: error.message }); again(); });
  socket.on("room:reset", (told) => tell("room:reset", told));
  socket.on("live:viewers", ({ viewerCount }) => tell("live:viewers", { viewerCount }));
  socket.on("socket:ready", () => {
    if (room in seen) { isReady = true; tell("ready"); return speak(); }
    socket.emit("live:join", { livestreamId }, (answer) => {
      seen[room] = answer.seq;
      isReady = answer.ok;
      tell("joined", { ok: answer.ok });
      speak();
    });
  });
  socket.onAny((event, told) => {
    if (told?.seq) seen[told.room] = told.seq;
    if (event === "live:message") tell(event, { seq: told.seq, text: told.message.text });
  });
}

function again() {
  if (isOver || urls.length === 1) return;
  socket.removeAllListeners();
  setTimeout(open, 50);
}

open();
const input = readline.createInterface({ input: process.stdin });
input.on("line", (line) => { lines.push(JSON.parse(line)); speak(); });
input.on("close", () => { isOver = true; socket.close(); process.exit(0); });
