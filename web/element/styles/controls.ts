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
    padding: 0 4px;
    border-color: transparent;
    background: none;
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  .link.field-link {
    min-block-size: 0;
    padding: 0;
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
    min-block-size: 420px;
  }

  @container calico-ipv6 (inline-size < 480px) {
    .files {
      min-block-size: 480px;
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
    gap: 0 4px;
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
    margin: 8px 0 0 16px;
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

  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }

  legend,
  .row label {
    padding: 0;
    font-weight: 600;
  }

  .segments {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    margin-block-start: 4px;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    overflow: hidden;
  }

  .segment {
    position: relative;
    display: grid;
    place-items: center;
    min-block-size: 40px;
    padding: 4px;
    text-align: center;
    font-size: 0.9375rem;
    cursor: pointer;
  }

  .segment + .segment {
    border-inline-start: 1px solid var(--edge);
  }

  .segment input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }

  .segment:has(input:checked) {
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 650;
  }

  .segment:has(input:focus-visible) {
    outline: 3px solid var(--accent);
    outline-offset: -6px;
  }

  .segment:has(input:checked:focus-visible) {
    outline-color: var(--on-accent);
  }

  .row {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px;
  }

  .row.wrong,
  .row.missing {
    padding-inline-start: 12px;
    border-inline-start: 4px solid var(--warn);
  }

  .row.wrong {
    border-color: var(--removed-edge);
  }

  .needed {
    color: var(--warn);
    font-weight: 600;
    font-size: 0.875rem;
  }

  .answer {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }

  .answer input,
  .answer select {
    flex: 1 1 160px;
    inline-size: auto;
  }

  .answer button {
    min-block-size: 36px;
  }

  .problem {
    color: var(--bad);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }

  .more summary {
    min-block-size: 24px;
    cursor: pointer;
    color: var(--accent);
  }

  .more .row {
    margin-block-start: 16px;
  }

  .kind {
    display: flex;
    gap: 8px;
    padding-block: 2px;
    color: var(--soft);
  }

  .kind code {
    color: var(--text);
  }

  .chosen {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }

  .chosen .button {
    align-self: center;
  }

  .compact .files {
    flex: 1;
  }

  .compact .file-facts {
    min-block-size: 1.5em;
  }

  .compact .target {
    gap: 8px;
  }

  .compact .row {
    grid-template-columns: auto minmax(180px, 1fr);
    align-items: center;
    gap: 4px 12px;
  }

  @container calico-ipv6 (inline-size < 480px) {
    .compact .row {
      grid-template-columns: minmax(0, 1fr);
    }
  }

  .compact .problem {
    grid-column: 1 / -1;
  }

  .compact .families {
    display: grid;
    gap: 4px 12px;
  }

  .compact .help,
  .compact .note,
  .compact .gate,
  .compact .source-name {
    display: none;
  }

  .rest {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    margin-block-start: 12px;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    padding-block: 8px;
    background: var(--back);
  }

  /* Where it is one row, it stays in sight; what has the focus is never below it. */
  @container calico-ipv6 (inline-size >= 900px) {
    .actions {
      position: sticky;
      inset-block-start: 0;
      z-index: 1;
    }

    .output :is(a, button, summary, [tabindex]) {
      scroll-margin-block: 104px;
    }
  }

  .peek {
    position: sticky;
    inset-block-end: 0;
    z-index: 1;
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 12px;
    padding: 8px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
  }

  .peek p {
    min-inline-size: 0;
    font-weight: 600;
    font-size: 0.875rem;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }

  .peek button {
    flex: none;
  }

  .input :is(a, button, input, select, textarea, summary) {
    scroll-margin-block-end: 104px;
  }

  @container calico-ipv6 (inline-size >= 900px) {
    .peek {
      display: none;
    }
  }

  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    border-block-end: 1px solid var(--line);
    margin-block-start: 8px;
  }

  .tabs button {
    min-block-size: 40px;
    border: 0;
    border-block-end: 3px solid transparent;
    border-radius: 0;
    background: none;
    color: var(--soft);
  }

  .tabs button[aria-selected="true"] {
    border-color: var(--accent);
    color: var(--text);
    font-weight: 650;
  }

  @media (forced-colors: active) {
    .segment:has(input:checked) {
      outline: 3px solid Highlight;
      outline-offset: -4px;
    }

    .tabs button {
      border: 1px solid ButtonBorder;
    }

    .tabs button[aria-selected="true"] {
      forced-color-adjust: none;
      border-color: Highlight;
      background: Highlight;
      color: HighlightText;
    }
  }
`;
