import { css } from "lit";

/** Code in its length: commands, whole files, the page of a rule. */
export const views = css`
  .block {
    overflow-x: auto;
    padding: 8px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--code-back);
    color: var(--text);
    font: 0.8125rem/1.6 var(--mono);
  }

  .command {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }

  .command-head {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: center;
    gap: 8px;
  }

  .steps {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    overflow-wrap: anywhere;
  }

  .steps li > * + * {
    margin-block-start: 8px;
  }

  .steps .level-2 {
    margin-block-start: 24px;
    padding-block-end: 4px;
    border-block-end: 1px solid var(--line);
    font-size: 1.0625rem;
  }

  .steps :is(ul, ol) {
    padding-inline-start: 24px;
  }

  .steps ul.plain {
    padding-inline-start: 0;
  }

  .steps :is(ol, .plain) > li + li {
    margin-block-start: 24px;
  }

  .place {
    color: var(--soft);
    font-weight: 600;
  }

  .step-head,
  .tick {
    display: flex;
    align-items: baseline;
    gap: 8px;
  }

  .step-head {
    justify-content: space-between;
  }

  .tick {
    flex: none;
    align-items: center;
    min-block-size: 24px;
    color: var(--soft);
  }

  .tick input {
    inline-size: 18px;
    block-size: 18px;
    margin: 0;
    accent-color: var(--accent);
  }

  .ticked {
    border-inline-start: 4px solid var(--added-edge);
    padding-inline-start: 8px;
  }

  .tally {
    align-self: center;
  }

  .facts {
    table-layout: fixed;
  }

  .facts :is(th, td) {
    padding: 4px 0 4px 12px;
    font: 0.875rem/1.5 var(--sans);
    text-align: start;
    vertical-align: top;
    overflow-wrap: anywhere;
  }

  .facts col:first-child {
    inline-size: 40%;
  }

  .facts th {
    color: var(--soft);
    font-weight: 600;
  }

  .facts code {
    font-size: 0.8125rem;
  }

  .facts tr + tr {
    border-block-start: 1px solid var(--line);
  }

  .expect {
    color: var(--soft);
  }

  .file-bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }

  .file-bar label {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }

  .whole {
    position: relative;
    overflow: auto;
    max-block-size: min(70vh, 720px);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--code-back);
    overscroll-behavior: contain;
  }

  .runs {
    inline-size: max-content;
    min-inline-size: 100%;
  }

  .run {
    display: grid;
    grid-template-columns: 7ch 3ch 1fr;
  }

  .run pre {
    padding: 0;
    border: 0;
    background: none;
    font: 0.8125rem/1.6 var(--mono);
    white-space: pre;
    overflow: visible;
  }

  .numbers {
    padding-inline-end: 8px !important;
    color: var(--faint);
    text-align: end;
    user-select: none;
  }

  .signs {
    text-align: center;
    font-weight: 700;
    user-select: none;
  }

  .run .text {
    padding-inline-end: 16px;
  }

  .rule-page {
    inline-size: min(720px, calc(100vw - 32px));
    max-block-size: calc(100dvh - 64px);
    padding: 0;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--back);
    color: var(--text);
    overscroll-behavior: contain;
  }

  .rule-page::backdrop {
    background: rgb(0 0 0 / 50%);
  }

  .rule-content {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding: 24px;
    overflow-wrap: anywhere;
  }

  .rule-content .level-1 {
    margin-block-start: 8px;
  }

  .rule-content ul {
    padding-inline-start: 24px;
  }

  .example-title {
    color: var(--soft);
  }

  .dialog-actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 16px;
    margin-block-start: 8px;
  }

  @media print {
    .run .text {
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }

    /* A line that wraps has no place beside it. */
    .numbers {
      display: none;
    }

    .runs {
      inline-size: auto;
    }

    .run {
      grid-template-columns: 3ch minmax(0, 1fr);
    }
  }
`;
