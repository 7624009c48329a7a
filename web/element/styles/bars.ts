import { css } from "lit";

/** What leads from one part of a result to another. */
export const bars = css`
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

    /* A view's own buttons scroll with it. */
    .panel .actions {
      position: static;
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

  .input :is(a, button, input, select, textarea, summary, calico-ipv6-editor) {
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
