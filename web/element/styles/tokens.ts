import { css, unsafeCSS } from "lit";

/** Each colour: the name that a host sets it by, behind `--calico-ipv6-`, what it is in light, and what in dark. */
const COLOURS = {
  back: ["background", "#ffffff", "#14181d"],
  raised: ["raised", "#f6f8fa", "#1c2229"],
  "code-back": ["code-background", "#fbfcfd", "#181d23"],
  text: ["text", "#1c2530", "#e6eaee"],
  soft: ["soft", "#4d5a68", "#b3bdc7"],
  faint: ["faint", "#66727f", "#95a1ad"],
  line: ["line", "#d5dbe1", "#343d47"],
  edge: ["edge", "#848f9b", "#6d7986"],
  hover: ["hover", "#143c640d", "#c8dcf012"],
  select: ["select", "#146ec833", "#64aaf04d"],
  accent: ["accent", "#0b63b0", "#6db3f2"],
  "on-accent": ["on-accent", "#ffffff", "#0c1c2b"],
  good: ["good", "#14703a", "#6fd196"],
  bad: ["bad", "#b3261e", "#ff9c93"],
  warn: ["warning", "#8a5300", "#f2c063"],
  "added-back": ["added", "#e4f6ea", "#16321f"],
  "added-edge": ["added-edge", "#2e9e5b", "#3fae6a"],
  "removed-back": ["removed", "#fdeceb", "#3b1d1c"],
  "removed-edge": ["removed-edge", "#d5564d", "#d9675f"],
  mark: ["mark", "#fff0b8", "#54430c"],
  "code-key": ["code-key", "#0b5394", "#8cc4f5"],
  "code-string": ["code-string", "#1d6b37", "#8fd6a8"],
  "code-comment": ["code-comment", "#66727f", "#95a1ad"],
  "code-value": ["code-value", "#8a3d00", "#f0b27a"],
};

const colours = (value: (light: string, dark: string) => string) =>
  unsafeCSS(Object.entries(COLOURS).map(([name, [host, light = "", dark = ""]]) => `--${name}:var(--calico-ipv6-${host},${value(light, dark)});`).join(""));

/**
 * Colours and sizes. A host page sets the `--calico-ipv6-*` properties; Docusaurus' own (`--ifm-*`) are followed without
 * being asked. Light or dark is what `color-scheme` says where the element stands.
 */
export const tokens = css`
  :host {
    ${colours((light) => light)}
    --sans: var(--calico-ipv6-font, var(--ifm-font-family-base, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif));
    --mono: var(--calico-ipv6-mono, var(--ifm-font-family-monospace, ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace));
    --radius: var(--calico-ipv6-radius, 6px);
  }

  @supports (color: light-dark(#000, #fff)) {
    :host {
      ${colours((light, dark) => `light-dark(${light},${dark})`)}
    }
  }

  :host([theme="light"]) {
    color-scheme: light;
  }

  :host([theme="dark"]) {
    color-scheme: dark;
  }

  @media print {
    :host([theme]) {
      color-scheme: light;
    }
  }
`;
