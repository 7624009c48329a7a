import { css } from "lit";

/** Changes, findings and code. */
export const card = css`
  .card {
    border: 1px solid var(--line);
    border-radius: 8px;
    overflow: clip;
  }

  .card-head {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: baseline;
    gap: 4px 16px;
    padding: 8px 16px;
    border-block-end: 1px solid var(--line);
    background: var(--raised);
  }

  .card-body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
  }

  @container calico-ipv6 (inline-size >= 1180px) {
    .card-body {
      grid-template-columns: minmax(0, 7fr) minmax(240px, 4fr);
    }

    .reasons {
      border-inline-start: 1px solid var(--line);
    }
  }

  .lines {
    overflow-x: auto;
    background: var(--code-back);
  }

  .lines:focus-visible,
  .whole:focus-visible,
  .block:focus-visible {
    outline-offset: -3px;
  }

  table {
    display: table;
    inline-size: 100%;
    margin: 0;
    border-collapse: collapse;
    font: 0.8125rem/1.6 var(--mono);
  }

  td {
    padding: 0;
    border: 0;
    vertical-align: top;
  }

  .number {
    inline-size: 1%;
    min-inline-size: 4ch;
    padding-inline: 8px 4px;
    color: var(--faint);
    text-align: end;
    user-select: none;
  }

  @container calico-ipv6 (inline-size < 480px) {
    .number:first-child,
    .lines th:first-child {
      display: none;
    }

    .card-head,
    .reason,
    .explained {
      padding-inline: 12px;
    }
  }

  .sign {
    inline-size: 1%;
    padding-inline: 8px;
    font-weight: 700;
    user-select: none;
  }

  .code {
    padding-inline-end: 16px;
  }

  code {
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font-family: var(--mono);
    font-size: inherit;
  }

  .code code {
    white-space: pre;
  }

  .indent {
    font-size: 3px;
  }

  .inline {
    padding: 1px 4px;
    border-radius: 3px;
    background: var(--raised);
    font-size: 0.9em;
  }

  tr.added,
  .run.added {
    background: var(--added-back);
    box-shadow: inset 4px 0 var(--added-edge);
  }

  tr.removed,
  .run.removed {
    background: var(--removed-back);
    box-shadow: inset 4px 0 var(--removed-edge);
  }

  tr.added .number,
  tr.removed .number,
  .added .numbers,
  .removed .numbers {
    color: var(--soft);
  }

  tr.added .sign,
  .added .signs {
    color: var(--good);
  }

  tr.removed .sign,
  .removed .signs {
    color: var(--bad);
  }

  .reasons {
    display: grid;
    align-content: start;
    margin: 0;
    padding: 0;
    list-style: none;
    border-block-start: 1px solid var(--line);
  }

  @container calico-ipv6 (inline-size >= 1180px) {
    .reasons {
      border-block-start: 0;
    }
  }

  .reason {
    display: grid;
    gap: 2px;
    padding: 10px 16px;
    overflow-wrap: anywhere;
  }

  .reason + .reason {
    border-block-start: 1px solid var(--line);
  }

  .badge {
    display: inline-block;
    min-inline-size: 18px;
    padding-inline: 4px;
    border-radius: 9px;
    background: var(--text);
    color: var(--back);
    font: 600 0.6875rem/18px var(--sans);
    text-align: center;
  }

  .sign .badge {
    margin-inline-start: 6px;
  }

  .sign {
    white-space: nowrap;
  }

  .lit .badge {
    background: var(--accent);
    color: var(--on-accent);
  }

  .reason.lit {
    background: var(--raised);
  }

  tr.lit {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }

  .field code {
    font-weight: 650;
    font-size: 0.875rem;
  }

  .value {
    color: var(--soft);
    font: 0.875rem var(--mono);
  }

  .gate,
  .source {
    color: var(--soft);
    font-size: 0.8125rem;
  }

  .source {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
  }

  .source-name {
    color: var(--faint);
  }

  .rule {
    padding: 0;
    min-block-size: 24px;
    font: 600 0.8125rem/24px var(--mono);
    color: var(--accent);
  }

  .finding {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    border-inline-start: 4px solid var(--edge);
  }

  .finding.error {
    border-inline-start-color: var(--removed-edge);
  }

  .finding.warning,
  .finding.asks {
    border-inline-start-color: var(--warn);
  }

  .error .severity {
    color: var(--bad);
  }

  .warning .severity {
    color: var(--warn);
  }

  .finding > .source {
    padding: 0 16px 12px;
  }

  .explained {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px 16px;
    padding: 12px 16px;
    max-inline-size: 90ch;
  }

  @container calico-ipv6 (inline-size >= 600px) {
    .explained {
      grid-template-columns: max-content minmax(0, 1fr);
    }
  }

  dt {
    color: var(--soft);
    font-weight: 600;
  }

  dd {
    overflow-wrap: anywhere;
  }

  .way {
    padding: 12px 16px 4px;
    border-block-start: 1px solid var(--line);
    background: var(--code-back);
    font-size: 0.9375rem;
  }

  .card-head + .way {
    border-block-start: 0;
  }

  .card-actions {
    padding: 0 16px 16px;
  }

  .excerpts + .excerpts,
  .places .excerpts {
    border-block-start: 1px solid var(--line);
  }

  .places summary {
    padding: 4px 16px;
    background: var(--code-back);
  }

  @container calico-ipv6 (inline-size >= 1180px) {
    .beside {
      display: grid;
      grid-auto-flow: column;
      grid-auto-columns: minmax(0, 1fr);
    }

    .beside > * + * {
      border-inline-start: 1px solid var(--line);
    }
  }

  .excerpt figcaption {
    display: flex;
    flex-wrap: wrap;
    gap: 0 16px;
    padding: 8px 16px 4px;
    background: var(--code-back);
    color: var(--soft);
    font: 0.8125rem/1.5 var(--mono);
    overflow-wrap: anywhere;
  }

  .label {
    font-family: var(--sans);
  }

  .excerpt pre {
    padding: 0 16px 8px;
    background: none;
    font: 0.8125rem/1.6 var(--mono);
    overflow: visible;
  }

  .place {
    padding: 0;
    font: inherit;
  }

  .output > .card + .card {
    margin-block-start: 16px;
  }

  .card + .remark {
    margin-block-start: 8px;
  }

  mark {
    background: var(--mark);
    color: inherit;
    border-block-end: 2px solid var(--warn);
  }

  @media (forced-colors: active) {
    tr.added,
    tr.removed {
      outline: 1px solid CanvasText;
    }
  }
`;
