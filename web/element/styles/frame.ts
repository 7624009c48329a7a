import { css } from "lit";

/** The layout: by the room that the element has, not by the window. */
export const frame = css`
  :host {
    display: block;
    min-block-size: 780px;
    container: calico-ipv6 / inline-size;
    color: var(--text);
    font: 400 1rem/1.5 var(--sans);
    text-align: start;
  }

  @media (width < 500px) {
    :host {
      min-block-size: 980px;
    }
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .frame {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 24px;
    align-content: start;
    /* All of what the host reserves for the element. */
    min-block-size: inherit;
    padding: 16px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--back);
  }

  .input {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    gap: 24px;
    min-inline-size: 0;
  }

  .given {
    min-inline-size: 0;
  }

  .given > summary {
    margin-block-end: 16px;
    padding: 8px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
    cursor: pointer;
    overflow-wrap: anywhere;
  }

  .given:not([open]) > summary {
    margin: 0;
  }

  /* Folded content is not laid out, so nothing of it moves. */
  .given:not([open])::details-content {
    display: none;
  }

  .given > summary .where,
  .all > summary .where {
    display: block;
    min-block-size: 1.5em;
  }

  .output {
    min-inline-size: 0;
    min-block-size: 240px;
  }

  @container calico-ipv6 (inline-size >= 900px) {
    .frame {
      grid-template-columns: minmax(300px, 4fr) minmax(0, 9fr);
      align-content: stretch;
      gap: 32px;
      padding: 24px;
    }

    /* Manifests are wide: whoever edits one gets half of the room. */
    .frame:has(calico-ipv6-editor) {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }

    .given > summary {
      display: none;
    }

    .output {
      border-inline-start: 1px solid var(--line);
      padding-inline-start: 32px;
      min-block-size: 480px;
    }
  }

  @container calico-ipv6 (inline-size < 480px) {
    .frame {
      padding: 12px;
    }
  }

  .frame.compact {
    display: flex;
    flex-direction: column;
    gap: 12px;
  }

  .compact > .input {
    gap: 8px;
  }

  .compact .sentence {
    min-block-size: 0;
    margin-block: 0 8px;
  }

  .compact .headline {
    font-size: 1.0625rem;
  }

  .compact :is(.proposal, .warnings) {
    padding-block: 4px;
    font-size: 0.875rem;
  }

  .compact .panel {
    padding-block-start: 4px;
  }

  .compact .reason {
    padding-block: 6px;
  }

  .compact > .empty {
    display: flex;
    flex: 1;
    flex-direction: column;
  }

  .heading {
    margin: 0;
    font-weight: 650;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }

  .level-0 {
    font-size: 1.125rem;
  }

  .level-1 {
    font-size: 1rem;
  }

  p,
  ul,
  ol,
  dl,
  dd,
  pre,
  figure {
    margin: 0;
  }

  .privacy,
  .subline,
  .help,
  .note,
  .file-facts,
  .where {
    color: var(--soft);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }

  .sentence {
    min-block-size: 60px;
    margin-block: 8px 16px;
    padding-inline-start: 12px;
    border-inline-start: 4px solid var(--line);
  }

  .sentence.good {
    border-color: var(--added-edge);
  }

  .sentence.bad {
    border-color: var(--removed-edge);
  }

  .sentence.asks {
    border-color: var(--warn);
  }

  .headline {
    font-size: 1.25rem;
    font-weight: 650;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }

  .warnings {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 4px 16px;
    margin-block-end: 8px;
    padding: 8px 12px;
    border-inline-start: 4px solid var(--warn);
    background: var(--raised);
  }

  .strip p,
  .warnings ul {
    flex: 1 1 240px;
  }

  .severity {
    font-weight: 650;
  }

  .teach {
    display: grid;
    gap: 16px;
    max-inline-size: 60ch;
    padding-inline-start: 24px;
    color: var(--soft);
  }

  .teach strong {
    color: var(--text);
  }

  .panel {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    padding-block-start: 16px;
  }

  .remark {
    color: var(--soft);
    max-inline-size: 72ch;
  }

  .plain {
    padding: 0;
    list-style: none;
  }

  .remark.error {
    color: var(--bad);
  }

  .besides {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    margin-block-start: 24px;
    padding-block-start: 16px;
    border-block-start: 1px solid var(--line);
  }

  .besides :is(ol, ul) {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding-inline-start: 24px;
    max-inline-size: 80ch;
  }

  /* In place of both columns. */
  .frame > .notice {
    align-self: start;
    grid-column: 1 / -1;
  }

  .notice {
    margin-block-start: 8px;
    padding: 8px 12px;
    border-inline-start: 4px solid var(--removed-edge);
    background: var(--removed-back);
    overflow-wrap: anywhere;
  }

  progress {
    inline-size: 100%;
    accent-color: var(--accent);
  }

  @media print {
    :host {
      min-block-size: 0;
    }

    /* On paper nothing can be pressed: what remains of a link is its words. */
    .given,
    .input,
    .actions,
    .rest,
    .tabs,
    .file-bar,
    .card-actions,
    .warnings .link,
    button:not(.link) {
      display: none !important;
    }

    .frame {
      display: block;
      padding: 0;
      border: 0;
    }

    .output {
      padding: 0;
      border: 0;
    }

    .lines,
    .whole {
      overflow: visible !important;
      max-block-size: none !important;
    }

    .code code,
    .block code {
      white-space: pre-wrap !important;
    }

    .card,
    .command {
      break-inside: avoid;
    }

    .heading.printed {
      font-size: 1.25rem;
      break-after: avoid;
    }
  }
`;
