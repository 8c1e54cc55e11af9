// What workerd has for the Cache API where it is not Cloudflare's: a service that is sent the
// requests of `match` and `put`, here with pages in memory. The pages of one cache are not those of
// another.
const pages = new Map();

export default {
  async fetch(request) {
    const key = `${request.headers.get("cf-cache-namespace")} ${request.url}`;
    if (request.method === "PUT") {
      const bytes = new Uint8Array(await request.arrayBuffer());
      pages.set(key, parse(bytes));
      return new Response(null, { status: 204 });
    }
    const page = pages.get(key);
    if (!page || Date.now() > page.until) {
      return new Response(null, { status: 504, headers: { "CF-Cache-Status": "MISS" } });
    }
    const headers = new Headers(page.headers);
    headers.set("CF-Cache-Status", "HIT");
    const etag = headers.get("etag");
    if (etag && request.headers.get("if-none-match") === etag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(page.body, { status: page.status, headers, encodeBody: "manual" });
  },
};

// A response as it stands on the wire.
function parse(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trim()];
  });
  const chunked = headers.some(([name]) => name.toLowerCase() === "transfer-encoding");
  const body = chunked ? unchunk(bytes.slice(end + 4), text.slice(end + 4)) : bytes.slice(end + 4);
  const control = new Headers(headers).get("cache-control") ?? "";
  const seconds = control.match(/s-maxage=(\d+)/)?.[1] ?? control.match(/max-age=(\d+)/)?.[1] ?? 0;
  return {
    status: Number(first.split(" ")[1]),
    headers: headers.filter(([name]) => name.toLowerCase() !== "transfer-encoding"),
    body,
    until: Date.now() + seconds * 1000,
  };
}

function unchunk(bytes, text) {
  const parts = [];
  for (let at = 0; ;) {
    const end = text.indexOf("\r\n", at);
    const length = parseInt(text.slice(at, end), 16);
    if (!length) break;
    parts.push(...bytes.slice(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return new Uint8Array(parts);
}
