/** Defines `<calico-ipv6>`. Safe to import where there is no browser: nothing is defined there. */
import type * as declared from "../../wasm/npm/src/element.js";
import { CalicoIPv6 } from "./calico-ipv6.js";

if (typeof document !== "undefined" && !customElements.get("calico-ipv6")) {
  customElements.define("calico-ipv6", CalicoIPv6);
}

// What the package declares is what there is.
CalicoIPv6 satisfies new () => declared.CalicoIPv6;

export { CalicoIPv6 };
