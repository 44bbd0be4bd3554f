/// The look of a report: light, dark, and on paper.
enum ReportStyle {
    /// The style sheet; `footer` stands at the foot of every printed page if it is plain letters and digits.
    static func css(footer: String) -> String {
        let isPlain = footer.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        let page =
            isPlain
            ? "\n@page { @bottom-left { content: \"Report \(footer)\"; font: 8pt \"Liberation Sans\", Arial, "
                + "sans-serif; color: #444444; } }" : ""
        return css + page
    }

    private static let css = """
        :root {
          color-scheme: light dark;
          --ground: #ffffff; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --panel: #f5f7f9;
          --identified: #9b1c1c; --identified-ground: #fdf3f2; --trace: #8a5a00; --trace-ground: #fdf7ea;
          --inconclusive: #45505c; --inconclusive-ground: #f2f4f6; --not-found: #2c4a6b; --not-found-ground: #f0f4f8;
          --named: #b3261e; --others: #7a8794; --limit: #1f5fa8;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171a; --ink: #e6e9ec; --soft: #9aa5b0; --line: #333a41; --panel: #1c2126;
            --identified: #ff9d94; --identified-ground: #2b1a19; --trace: #f0c060; --trace-ground: #2a2314;
            --inconclusive: #b6c0ca; --inconclusive-ground: #20252a; --not-found: #9dbfe3; --not-found-ground: #18212b;
            --named: #ff7a70; --others: #8593a0; --limit: #7fb3ee;
          }
        }
        * { box-sizing: border-box; }
        html { background: var(--ground); color: var(--ink); }
        body {
          font: 16px/1.55 "Source Serif 4", "Source Serif Pro", Charter, "Bitstream Charter", Georgia, "Liberation \
        Serif", serif;
          max-width: 46rem; margin: 0 auto; padding: 3rem 1.5rem 4rem;
        }
        h1, h2, h3, dt, th, .label, figcaption, header, footer, svg text {
          font-family: "Source Sans 3", "Source Sans Pro", "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", \
        sans-serif;
        }
        header { display: flex; justify-content: space-between; gap: 1rem; color: var(--soft); font-size: .85rem;
          border-bottom: 1px solid var(--line); padding-bottom: .6rem; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 2rem 0 .3rem; font-weight: 600; }
        h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; font-weight: 600; }
        h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; font-weight: 600; }
        p { margin: .6rem 0; }
        sup { line-height: 0; font-size: .72em; }
        .propositions + ul { margin-top: 1rem; }
        .subtitle { color: var(--soft); margin: 0; }
        .verdict { border-left: .35rem solid; padding: 1rem 1.25rem; margin: 1.6rem 0; }
        .verdict p { color: var(--ink); }
        .verdict .label { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; font-weight: 600; \
        margin: 0; color: inherit; }
        .verdict .answer { font-size: 1.25rem; line-height: 1.4; margin: .3rem 0 .5rem; }
        .verdict.identified { color: var(--identified); background: var(--identified-ground); border-color: \
        var(--identified); }
        .verdict.trace, .verdict.detached {
            color: var(--trace); background: var(--trace-ground); border-color: var(--trace); }
        .verdict.inconclusive { color: var(--inconclusive); background: var(--inconclusive-ground); border-color: \
        var(--inconclusive); }
        .verdict.not-found { color: var(--not-found); background: var(--not-found-ground); border-color: \
        var(--not-found); }
        dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1.2rem; margin: .6rem 0; }
        dt { color: var(--soft); font-size: .9rem; padding-top: .1rem; }
        dd { margin: 0; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th { text-align: left; color: var(--soft); font-weight: 600; font-size: .8rem; }
        th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        .scroll { overflow-x: auto; margin: .8rem 0; }
        code { font: .85em/1.4 "Source Code Pro", "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
        figure { margin: 1rem 0; break-inside: avoid; }
        figcaption { color: var(--soft); font-size: .85rem; }
        svg { display: block; width: 100%; height: auto; }
        svg text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
        svg .axis { stroke: var(--line); fill: none; }
        svg .others { fill: var(--others); } svg .named { fill: var(--named); } svg .name { fill: var(--named); \
        font-weight: 600; }
        svg .limit { stroke: var(--limit); stroke-dasharray: 5 3; } svg .limit-text { fill: var(--limit); }
        svg .stem { stroke: var(--named); }
        svg .heard { fill: var(--named); opacity: .16; }
        .propositions { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
        .propositions > div { background: var(--panel); padding: .8rem 1rem; }
        .propositions p { margin: .2rem 0; }
        .label { font-size: .85rem; color: var(--soft); font-weight: 600; }
        ul { padding-left: 1.2rem; margin: .5rem 0; } li { margin: .25rem 0; }
        footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); \
        font-size: .8rem; }
        @media (max-width: 36rem) { th, td { padding-right: .5rem; }
          .propositions { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; \
        gap: 0; } dd { margin-bottom: .5rem; } }
        @page {
          size: A4; margin: 20mm 18mm 20mm;
          @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "Liberation Sans", Arial, sans-serif; \
        color: #444444; }
        }
        @media print {
          :root {
            color-scheme: light;
            --ground: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --panel: #f4f4f4;
            --identified: #8a1515; --identified-ground: #fbf3f2; --trace: #6e4700; --trace-ground: #fbf6ea;
            --inconclusive: #333b44; --inconclusive-ground: #f3f4f5; --not-found: #23405f; --not-found-ground: #f1f4f7;
            --named: #a51c15; --others: #77828c; --limit: #174f8f;
          }
          body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; -webkit-print-color-adjust: exact; \
        print-color-adjust: exact; }
          h1 { margin-top: 1.2rem; } h2 { break-after: avoid; } h3 { break-after: avoid; }
          .verdict, dt, dd, tr, .propositions { break-inside: avoid; } .scroll { overflow: visible; }
          p, li { orphans: 3; widows: 3; } figcaption { break-before: avoid; } thead { break-after: avoid; }
        }
        """
}
