// npm's socket.io-client, which knows nothing of ours: connects by polling and by WebSocket, gets what a step of the
// journey pushes, and goes on from its offset after it was away.
//
//   node tests/peers/realtime.mjs http://HOST:PORT GRPC_HOST:PORT
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const { io } = createRequire(process.env.PEERS_MODULES + "/")("socket.io-client");
const [url, grpc] = process.argv.slice(2);
const user = 777000778;

function check(name, condition, said) {
  console.log(`${condition ? "ok" : "not ok"} socket.io-client: ${name}`);
  if (!condition) console.error(`${name}: ${JSON.stringify(said)}`);
}

// Something that happens to the person, by another way into the mesh.
let affinity = 0;
function changeProfile() {
  affinity += 0.1;
  const request = JSON.stringify({
    profile: { user_id: user, domain_affinities: { WORK: affinity } },
    allow_missing: true,
    idempotency_key: `affinity ${affinity}`,
  });
  execFileSync("grpcurl", ["-plaintext", "-d", request, grpc, "selfology.profile.v1.ProfileService/UpdateProfile"]);
}

// The next event of the name, or null after 30 s.
function next(socket, name) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), 30_000);
    socket.once(name, (argument) => {
      clearTimeout(timer);
      resolve(argument ?? true);
    });
  });
}

function connect(options) {
  return io(url, { forceNew: true, reconnection: false, ...options });
}

const refused = connect({});
const error = await next(refused, "connect_error");
check("is refused without saying who it is", /required/.test(error?.message), error?.message);
refused.close();

let position = 0;
for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  const by = transports.join(" then ");
  const device = connect({ transports, auth: { user_id: user, offset: position } });
  const ready = await next(device, "ready");
  check(`enters by ${by}`, ready?.user_id === user, ready);
  const pushed = next(device, "event");
  changeProfile();
  const event = await pushed;
  check(`gets the pushed event by ${by}`, event?.type.startsWith("profile.") && event.position > position, event);
  if (transports.length === 2) {
    if (device.io.engine.transport.name !== "websocket") await next(device.io.engine, "upgrade");
    check("has gone over to a WebSocket", device.io.engine.transport.name === "websocket", by);
  }
  const answer = await device.timeout(30_000).emitWithAck("authenticate", { token: "nonsense" });
  check(`is acknowledged by ${by}`, typeof answer?.error?.code === "string", answer);
  device.close();
  position = event?.position ?? position;

  // While it is away.
  changeProfile();
  const again = connect({ transports, auth: { user_id: user, offset: position } });
  const missed = await next(again, "event");
  check(`gets what it missed by ${by}`, missed?.position === position + 1, missed);
  again.close();
  position = missed?.position ?? position;
}

const all = connect({ auth: { user_id: user, offset: 0 } });
const positions = [];
await new Promise((resolve) => {
  setTimeout(resolve, 30_000).unref();
  all.on("event", (event) => {
    positions.push(event.position);
    if (positions.length === 6) resolve();
  });
});
const first = positions[0];
check("gets all six once and in order", positions.length === 6 && positions.every((p, i) => p === first + i), positions);
all.close();
process.exit(0);
