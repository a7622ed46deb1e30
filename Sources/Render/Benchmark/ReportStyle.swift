/// The style sheet of a report: for light and dark screens and for paper. What a colour means is also said
/// by a mark or a word.
enum ReportStyle {
  static let text = """
    :root{color-scheme:light dark;--page:#fff;--text:#1f2733;--soft:#596473;--line:#d5dae1;--track:#e6eaef;\
    --fine:#2f6fb5;--low:#b3470a;--bad:#b3261e;--heat:#2f6fb5;--panel:#f5f7f9}
    @media (prefers-color-scheme:dark){:root{--page:#14181e;--text:#e3e8ef;--soft:#a5b0be;--line:#3a4552;\
    --track:#2b343f;--fine:#6aa9e9;--low:#ff9a55;--bad:#ff8a80;--heat:#5c9fe0;--panel:#1b2129}}
    *{box-sizing:border-box}
    body{margin:0 auto;padding:24px;max-width:1040px;background:var(--page);color:var(--text);\
    font:14px/1.45 "DejaVu Sans",Helvetica,Arial,sans-serif}
    h1{font-size:24px;margin:0 0 4px}
    h2{font-size:18px;margin:32px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}
    h3{font-size:14px;margin:16px 0 4px}
    p{margin:4px 0}
    .soft{color:var(--soft)}
    .low{color:var(--low);font-weight:bold}
    .bad{color:var(--bad);font-weight:bold}
    ul{margin:4px 0;padding-left:20px}
    ul.counts{list-style:none;display:flex;flex-wrap:wrap;gap:8px;padding:0;margin:16px 0}
    ul.counts li{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:6px 14px}
    ul.counts b{display:block;font-size:20px}
    table{border-collapse:collapse;width:100%;margin:4px 0}
    th,td{text-align:left;padding:3px 10px 3px 0;vertical-align:top;border-bottom:1px solid var(--line);\
    overflow-wrap:anywhere}
    thead th{color:var(--soft);font-weight:normal}
    th.group{padding-top:10px;font-weight:bold}
    td.number,th.number{text-align:right;white-space:nowrap;overflow-wrap:normal;\
    font-variant-numeric:tabular-nums}
    td.keep{white-space:nowrap;overflow-wrap:normal}
    td.bar{vertical-align:middle}
    table.figures{table-layout:fixed;margin-top:12px}
    table.figures thead th,table.figures thead td{width:12%}
    table.figures thead th:first-child{width:20%}
    table.figures thead th:last-child{width:auto}
    table.figures thead th.bar{width:172px}
    table.figures thead td.share{width:17%}
    table.figures td.keep,table.figures td.number{white-space:normal}
    svg{display:block;max-width:100%;height:auto}
    svg text{fill:var(--text);font-size:11px;font-family:"DejaVu Sans",Helvetica,Arial,sans-serif}
    svg .soft{fill:var(--soft)}
    svg .track{fill:var(--track)}
    svg .fine{fill:var(--fine)}
    svg .low{fill:var(--low)}
    svg .bad{fill:var(--bad)}
    svg .whisker{stroke:var(--text);stroke-width:1.5;fill:none}
    svg .heat{fill:var(--heat)}
    svg .frame{fill:none;stroke:var(--line)}
    svg .frame.low{stroke:var(--low);stroke-width:2;fill:none}
    svg .frame.bad{stroke:var(--bad);stroke-width:2;fill:none}
    svg .series{fill:none;stroke:var(--fine);stroke-width:1.5;stroke-linejoin:round}
    svg .ceiling{stroke:var(--soft);stroke-dasharray:5 3}
    svg .change{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 2}
    svg .change.low{stroke:var(--low)}
    svg .change.bad{stroke:var(--bad)}
    svg .context{stroke:var(--soft);stroke-width:2}
    .matrices,.histories{display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start}
    .histories figure{width:314px}
    figure{margin:0;max-width:100%}
    figcaption{margin-bottom:4px}
    svg,ul.counts li{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    @page{margin:14mm}
    @media print{body{padding:0;max-width:none;font-size:11px}tr,figure,li{break-inside:avoid}\
    h2,h3,p.lead{break-after:avoid}.matrices,.histories{display:block}\
    .matrices figure,.histories figure{display:inline-block;vertical-align:top;margin:0 14px 12px 0}thead{display:table-header-group}}

    """
}
