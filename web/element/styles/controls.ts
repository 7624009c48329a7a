import { css } from "lit";

/** What a person operates. */
export const controls = css`
  button,
  input,
  select,
  textarea,
  .button {
    font: inherit;
    font-size: 0.9375rem;
    color: inherit;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-block-size: 32px;
    padding: 3px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--back);
    cursor: pointer;
    text-align: center;
  }

  button:hover,
  .button:hover {
    background: var(--raised);
  }

  .primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }

  .primary:hover {
    background: color-mix(in srgb, var(--accent), var(--text) 18%);
  }

  .link {
    display: inline;
    min-block-size: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: var(--accent);
    text-align: start;
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  .link.field-link {
    min-block-size: 0;
  }

  a {
    color: var(--accent);
    text-underline-offset: 3px;
  }

  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
    border-radius: 3px;
  }

  input[type="text"],
  select,
  textarea {
    inline-size: 100%;
    min-inline-size: 0;
    min-block-size: 36px;
    padding: 5px 10px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--back);
  }

  input[type="text"],
  textarea {
    font-family: var(--mono);
    font-size: 0.875rem;
  }

  ::placeholder {
    color: var(--faint);
    opacity: 1;
  }

  .files,
  .target {
    display: flex;
    flex-direction: column;
    gap: 12px;
  }

  /* Room for a first file: the zone gives way to it, and nothing below moves. */
  .files {
    min-block-size: 430px;
  }

  @container calico-ipv6 (inline-size < 480px) {
    .files {
      min-block-size: 500px;
    }

    .files.example {
      min-block-size: 610px;
    }
  }

  .target {
    gap: 16px;
  }

  .zone {
    flex: 1;
    display: grid;
    grid-template: auto minmax(36px, 1fr) auto / minmax(0, 1fr);
    gap: 8px;
    padding: 12px;
    border: 2px dashed var(--edge);
    border-radius: 8px;
    background: var(--raised);
  }

  .zone.over {
    border-style: solid;
    border-color: var(--accent);
  }

  .paste-label {
    grid-column: 1 / -1;
    font-weight: 600;
  }

  .zone textarea {
    resize: none;
    field-sizing: fixed;
  }

  /* Whoever types sees some lines. */
  .zone textarea:not(:placeholder-shown) {
    min-block-size: 128px;
  }

  .button {
    position: relative;
    align-self: start;
    justify-self: start;
    min-block-size: 36px;
  }

  .button input {
    position: absolute;
    inset: 0;
    opacity: 0;
    cursor: pointer;
    font-size: 0;
  }

  .button:focus-within {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }

  .zone-buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }

  /* In one row on every screen. */
  @container calico-ipv6 (inline-size < 310px) {
    .zone-buttons .button {
      padding-inline: 8px;
      font-size: 0.8125rem;
    }
  }

  .strip {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 12px;
    border-inline-start: 4px solid var(--edge);
    background: var(--raised);
    overflow-wrap: anywhere;
  }

  .proposal {
    margin-block-end: 8px;
    border-color: var(--warn);
    border-inline-start-style: dotted;
  }

  input.proposed {
    border: 2px dotted var(--warn);
  }

  .primary.proposed {
    outline: 2px dotted var(--warn);
    outline-offset: 2px;
  }

  code.proposed,
  .value.proposed {
    text-decoration: underline dotted var(--warn) 2px;
    text-underline-offset: 3px;
  }

  .example-strip {
    border-color: var(--warn);
    background: var(--mark);
  }

  .examples {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
    font-size: 0.9375rem;
  }

  .file-list {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding: 0;
    list-style: none;
  }

  .folder summary {
    min-block-size: 24px;
    cursor: pointer;
    overflow-wrap: anywhere;
  }

  .folder-name {
    font-weight: 600;
  }

  .folder > .file-list {
    margin: 8px 0 0 4px;
    padding-inline-start: 12px;
    border-inline-start: 1px solid var(--line);
  }

  /* Of many files, each takes two lines. */
  .folder .file:not(:has(calico-ipv6-editor)) {
    border: 0;
  }

  .folder .file-row {
    padding: 0;
    gap: 0 8px;
  }

  .folder .file-facts {
    min-block-size: 1.5em;
  }

  .folder .file-buttons {
    gap: 16px;
  }

  .folder .file-buttons button {
    min-block-size: 24px;
    padding: 0;
    border-color: transparent;
    color: var(--accent);
    font-size: 0.875rem;
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  .stops {
    color: var(--bad);
  }

  .file {
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }

  .file-row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
  }

  .file-buttons {
    display: flex;
    gap: 8px;
  }

  .file-words {
    flex: 1 1 180px;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .file-name {
    display: block;
    font-weight: 600;
  }

  /* Room for what the engine recognises. */
  .file-facts {
    display: block;
    min-block-size: 3em;
  }

  @container calico-ipv6 (inline-size < 480px) {
    .file-facts {
      min-block-size: 4.5em;
    }
  }

  calico-ipv6-editor {
    display: block;
    block-size: 420px;
    border-block-start: 1px solid var(--line);
  }
`;
