import { css } from "lit";

/**
 * Colours and sizes. A host page sets the `--calico-ipv6-*` properties; Docusaurus' own (`--ifm-*`) are followed without
 * being asked. Light or dark is what `color-scheme` says where the element stands.
 */
export const tokens = css`
  :host {
    --back: var(--calico-ipv6-background, #ffffff);
    --raised: #f6f8fa;
    --code-back: #fbfcfd;
    --text: var(--calico-ipv6-text, #1c2530);
    --soft: #4d5a68;
    --faint: #66727f;
    --line: #d5dbe1;
    --edge: #848f9b;
    --hover: rgb(20 60 100 / 5%);
    --select: rgb(20 110 200 / 20%);
    --accent: var(--calico-ipv6-accent, #0b63b0);
    --on-accent: var(--calico-ipv6-on-accent, #ffffff);
    --good: #14703a;
    --bad: #b3261e;
    --warn: #8a5300;
    --added-back: #e4f6ea;
    --added-edge: #2e9e5b;
    --removed-back: #fdeceb;
    --removed-edge: #d5564d;
    --mark: #fff0b8;
    --code-key: #0b5394;
    --code-string: #1d6b37;
    --code-comment: #66727f;
    --code-value: #8a3d00;
    --sans: var(--calico-ipv6-font, var(--ifm-font-family-base, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif));
    --mono: var(--calico-ipv6-mono, var(--ifm-font-family-monospace, ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace));
    --radius: 6px;
  }

  @supports (color: light-dark(#000, #fff)) {
    :host {
      --back: var(--calico-ipv6-background, light-dark(#ffffff, #14181d));
      --raised: light-dark(#f6f8fa, #1c2229);
      --code-back: light-dark(#fbfcfd, #181d23);
      --text: var(--calico-ipv6-text, light-dark(#1c2530, #e6eaee));
      --soft: light-dark(#4d5a68, #b3bdc7);
      --faint: light-dark(#66727f, #95a1ad);
      --line: light-dark(#d5dbe1, #343d47);
      --edge: light-dark(#848f9b, #6d7986);
      --hover: light-dark(rgb(20 60 100 / 5%), rgb(200 220 240 / 7%));
      --select: light-dark(rgb(20 110 200 / 20%), rgb(100 170 240 / 30%));
      --accent: var(--calico-ipv6-accent, light-dark(#0b63b0, #6db3f2));
      --on-accent: var(--calico-ipv6-on-accent, light-dark(#ffffff, #0c1c2b));
      --good: light-dark(#14703a, #6fd196);
      --bad: light-dark(#b3261e, #ff9c93);
      --warn: light-dark(#8a5300, #f2c063);
      --added-back: light-dark(#e4f6ea, #16321f);
      --added-edge: light-dark(#2e9e5b, #3fae6a);
      --removed-back: light-dark(#fdeceb, #3b1d1c);
      --removed-edge: light-dark(#d5564d, #d9675f);
      --mark: light-dark(#fff0b8, #54430c);
      --code-key: light-dark(#0b5394, #8cc4f5);
      --code-string: light-dark(#1d6b37, #8fd6a8);
      --code-comment: light-dark(#66727f, #95a1ad);
      --code-value: light-dark(#8a3d00, #f0b27a);
    }
  }

  :host([theme="light"]) {
    color-scheme: light;
  }

  :host([theme="dark"]) {
    color-scheme: dark;
  }
`;
