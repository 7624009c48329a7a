import type { SourceFile, Target, Transformation } from "./bindings.js";

/** `<calico-ipv6>`: files in, the same files for other address families out, with the reasons. */
export declare class CalicoIPv6 extends HTMLElement {
  /** The families that pods shall have: `dual-stack`, `ipv6-only` or `ipv4-only`. Attribute `to`. */
  to: string | undefined;
  /** Keys of the target that cannot be changed here, separated by blanks. Attribute `lock`. */
  lock: string | undefined;
  /** The example that is shown at first: `stock`, `operator`, `openshift`, `kubeadm` or `broken`. Attribute `example`. */
  example: string | undefined;
  /** The level of the headings inside, 2 where nothing is given. Attribute `heading`. */
  heading: number;
  /** The address of a page of all rules; a rule opens in place where there is none. Attribute `rules`. */
  rules: string | undefined;
  /** Whether a link with the settings (never the files) is offered, and read from the address of the page. Attribute `share`. */
  share: boolean;
  /**
   * What is not offered, separated by blanks: `examples`, or one of them by its name; views of the result by theirs: `changes`,
   * `file`, `findings`, `steps`, `facts`, `command`. Attribute `hide`.
   */
  hide: string | undefined;
  /**
   * Only the first changes, in the height of a screen: always where it is set, never if it is `false`; without it, where the
   * element is narrower than 700 px. Attribute `compact`.
   */
  compact: string | undefined;
  /** What it is for: `change` files (the default), `check` them, `plan` addresses, or `write` new files. Attribute `door`. */
  door: string | undefined;
  /** The address of the whole page, which a compact element links to with its settings. Attribute `full`. */
  full: string | undefined;
  /** The files, as texts. */
  files: readonly SourceFile[];
  /** What is wanted. */
  target: Target;
  /** What became of the files; undefined until something did. */
  readonly result: Transformation | undefined;
  /** Opens what was dropped elsewhere in the page, also folders. */
  openDrop(data: DataTransfer): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    "calico-ipv6": CalicoIPv6;
  }
  interface HTMLElementEventMap {
    /** Something became of the files. */
    "calico-ipv6-result": CustomEvent<Transformation>;
    /** A person changed what is wanted. */
    "calico-ipv6-target": CustomEvent<Target>;
    /** A person went through another door. */
    "calico-ipv6-door": CustomEvent<"change" | "check" | "plan" | "write">;
  }
}
