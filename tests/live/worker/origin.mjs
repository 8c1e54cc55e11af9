// An origin that says what it got: node origin.mjs PORT. The query says what it answers: `set=` a
// cookie, `header=` a header, `gzip`, `status=`. Every answer has a number of its own.
import { createHash } from "node:crypto";
import http from "node:http";
import zlib from "node:zlib";

let count = 0;
const server = http.createServer((request, response) => {
  const asked = new URL(request.url, "http://origin").searchParams;
  const cookies = asked.getAll("set");
  if (cookies.length) response.setHeader("Set-Cookie", cookies);
  for (const header of asked.getAll("header")) response.setHeader(...header.split(/: */, 2));
  response.statusCode = Number(asked.get("status") ?? 200);
  response.setHeader("Content-Type", "application/json");
  // Bytes, before which node writes headers byte for byte.
  const said = { count: ++count, method: request.method, headers: request.rawHeaders };
  const got = Buffer.from(JSON.stringify(said));
  request.resume().on("end", () => {
    if (!asked.has("gzip")) return response.end(got);
    response.setHeader("Content-Encoding", "gzip");
    response.end(zlib.gzipSync(got));
  });
});
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = createHash("sha1").update(key).digest("base64");
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  socket.end(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), "127.0.0.1");
