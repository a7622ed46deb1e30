import Benchmarks
import Foundation
import TestMachines
import TestSupport
import Testing

@testable import Render

@Suite struct BenchmarkReportTests {
  private static let histories = [
    BenchmarkRuns.history(), BenchmarkRuns.history(round: 1, weeks: 0),
  ]
  private static let pages = [
    BenchmarkReport.html(BenchmarkRuns.box(), histories: histories),
    BenchmarkReport.html(BenchmarkRuns.empty()), BenchmarkReport.html(BenchmarkRuns.hostile()),
  ]

  @Test(arguments: pages.indices)
  func `a report is well-formed`(_ index: Int) throws {
    let page = BenchmarkReportTests.pages[index]
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html"))
    try XML.check(String(page.dropFirst("<!DOCTYPE html>\n".count)))
  }

  /// Elements and attributes of this program alone, and none that loads or runs something.
  @Test(arguments: pages.indices)
  func `a report loads nothing and runs nothing`(_ index: Int) throws {
    let allowed: Set<String> = [
      "html", "head", "meta", "title", "style", "body", "header", "main", "section", "h1", "h2",
      "h3",
      "p", "ul", "ol", "li", "b", "span", "div", "figure", "figcaption", "table", "thead", "tbody",
      "tr", "th", "td", "svg", "desc", "rect", "path", "polyline", "circle", "text", "g",
    ]
    let page = BenchmarkReportTests.pages[index]
    // After escaping, a `<` begins a tag of ours and nothing else.
    for tag in page.split(separator: "<").dropFirst(2) {
      let name = tag.prefix { $0.isLetter || $0.isNumber || $0 == "/" }
      #expect(allowed.contains(name.filter { $0 != "/" }), "\(tag.prefix(40))")
      let attributes = tag.prefix { $0 != ">" }.matches(of: /([A-Za-z:-]+)="/).map { $0.output.1 }
      for attribute in attributes {
        #expect(
          !attribute.hasPrefix("on")
            && !["href", "src", "xlink:href", "style"].contains(attribute),
          "\(tag.prefix(60))")
      }
    }
    let style = try #require(page.firstRange(of: "<style>"))
    let end = try #require(page.firstRange(of: "</style>"))
    for word in ["url(", "@import", "expression("] {
      #expect(!page[style.upperBound..<end.lowerBound].contains(word))
    }
    #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'"))
    #expect(!page.contains("nan\"") && !page.contains("inf\""))
  }

  @Test func `python's HTML parser sees the same elements, each closed`() throws {
    let file = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: file) }
    let path = file.appendingPathComponent("report.html")
    try BenchmarkReportTests.pages[2].write(to: path, atomically: true, encoding: .utf8)
    let script = """
      import html.parser, sys
      class Parser(html.parser.HTMLParser):
          def __init__(self): super().__init__(); self.open = []; self.scripts = 0
          def handle_starttag(self, tag, attributes): self.open.append(tag)
          def handle_startendtag(self, tag, attributes): pass
          def handle_endtag(self, tag):
              if not self.open or self.open.pop() != tag: sys.exit(f"{tag} at {self.getpos()}")
      parser = Parser()
      parser.feed(open(sys.argv[1], encoding="utf-8").read())
      sys.exit(f"open: {parser.open}" if parser.open else 0)
      """
    let parsed = try run(
      URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script, path.path])
    #expect(parsed.status == 0, "\(parsed.errors)")
  }

  @Test func `every picture has a name and a description`() {
    let page = BenchmarkReportTests.pages[0]
    let pictures = page.split(separator: "<svg ").dropFirst()
    // 2 matrices, 4 + 4 + 1 bars, 1 history.
    #expect(pictures.count == 12)
    for picture in pictures {
      #expect(picture.contains("role=\"img\""))
      #expect(picture.contains("><title>") && picture.contains("<desc>"))
    }
    #expect(page.contains("<desc>0: 43.1, 27.6, 28.4, 26.7; 1: 27.6, 43.1, 26.7, 27.6;"))
  }

  @Test func `what needs attention comes first`() throws {
    let page = BenchmarkReportTests.pages[0]
    let text = page.replacing(/<[^>]*>/, with: "").replacing(/\n+/, with: "\n")
    for line in [
      "decline gpu host to device (GPU0 41:00.0 from node 0) since 2026-04-04, 25.4 GB/s → 21.1 GB/s "
        + "(-17 %): pcie.link",
      "low gpu host to device (GPU1 51:00.0 from node 1): pcie.link, placement.gpu",
      "failed network stream (eth0): iperf3: connection refused",
    ] { #expect(text.contains(line), "\(line)") }
    #expect(BenchmarkReportTests.pages[1].contains("No measurement failed"))
    #expect(page.contains("fabric between nodes: unknown: its width"))
  }

  @Test func `a bar is as long as the share, and its interval is on it`() {
    let page = BenchmarkReportTests.pages[0]
    // 13.2 of 28.7 GB/s of 160 pixels, with 1 % to each side.
    #expect(
      page.contains(
        "<rect class=\"low\" width=\"73.6\" height=\"14\" rx=\"2\"/>\n"
          + "<path class=\"whisker\" d=\"M72.9 4v6m0 -3H74.3m0 -3v6\"/>"))
  }
}
