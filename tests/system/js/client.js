// Connects with the token in argv, prints one JSON line per event, and leaves when its input ends.
const { io } = require("socket.io-client");
const [url, token, transport] = process.argv.slice(2);
const socket = io(url, { auth: { token }, transports: [transport], reconnectionDelay: 100 });
const tell = (event, detail) => console.log(JSON.stringify({ event, detail }));
socket.on("connect", () => tell("connect", socket.io.engine.transport.name));
socket.on("disconnect", (reason) => tell("disconnect", reason));
socket.on("connect_error", (error) => tell("connect_error", error.data || error.message));
process.stdin.resume().on("end", () => { socket.close(); process.exit(0); });
