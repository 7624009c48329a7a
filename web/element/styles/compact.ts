import { css } from "lit";

/** What a compact element leaves out, and what stays in one row. */
export const compact = css`
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
`;
