// The Worker with bindings that a request asks for, in one isolate: as when nothing but a binding
// is deployed, and Cloudflare keeps the isolate.
import worker from "./worker.mjs";

export default {
  fetch(request, env, context) {
    const asked = JSON.parse(request.headers.get("x-bindings") ?? "{}");
    return worker.fetch(request, { ...env, ...asked }, context);
  },
};
