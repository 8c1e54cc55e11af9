// Starts the module as Workers load one; `build.sh` puts it beside what wasm-bindgen writes.
import * as railjar from "./index_bg.js";
import module from "./index_bg.wasm";

const instance = new WebAssembly.Instance(module, { "./index_bg.js": railjar });
railjar.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

export default { fetch: railjar.fetch };
