import { css } from "lit";

/** What is wanted, and the answers. */
export const form = css`
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

  .segments.four {
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }

  .four .segment:nth-child(3) {
    border-inline-start: 0;
  }

  .four .segment:nth-child(n + 3) {
    border-block-start: 1px solid var(--edge);
  }

  .filters {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
  }

  .filters label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 24px;
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
    align-items: baseline;
    gap: 8px;
    padding-block: 2px;
    color: var(--soft);
  }

  .kind code {
    color: var(--text);
  }
`;
