package import Health

/// Everything about one check: what it found here, why it matters, what to do, and the sources.
package enum HealthPage {
  /// The page.
  package static func render(
    _ info: CheckInfo, _ findings: [Health.Finding], _ style: Style
  ) -> [String] {
    var page = Page(style: style)
    page.title(info.id, info.title)
    for finding in findings.byHarm { write(finding, &page) }
    page.section("why it matters")
    page.paragraphs(info.why)
    page.section("what the verdicts mean")
    for verdict in Verdict.explained {
      if let meaning = info.verdicts[verdict] { page.row(verdict.word, Line(meaning)) }
    }
    page.section("what is read")
    for fact in info.reads { page.item(fact) }
    page.section("the fix in general")
    page.paragraphs(info.fix)
    page.section("its risk")
    page.paragraphs(info.risk)
    page.section("sources")
    for source in info.sources { page.item(source) }
    return page.lines.texts(style)
  }

  private static func write(_ finding: Finding, _ page: inout Page) {
    page.section(finding.subject ?? "this machine")
    page.row("verdict", Line(finding.verdict.word, finding.verdict.tone))
    page.row("what", Line(finding.summary))
    page.row("harm", finding.harm?.text)
    for (index, evidence) in finding.evidence.enumerated() {
      var line = Line(evidence.isMissing ? "unknown: " : "", .warning)
      line.add(evidence.value)
      line.add("  \(evidence.path)", .dim)
      page.row(index == 0 ? "evidence" : "", line)
    }
    page.row("what it costs", finding.consequence)
    for (index, advice) in finding.advice.enumerated() {
      let reboot = advice.needsReboot ? " (takes effect at the next boot)" : ""
      page.row(index == 0 ? "what to do" : "or", Line(advice.text + reboot))
      for command in advice.commands { page.row("", Line("# " + command, .strong)) }
      page.row("  risk", advice.risk)
    }
  }
}

extension Verdict {
  /// In the order in which a page explains them: the others refer to what passes.
  fileprivate static let explained: [Verdict] = [.pass, .warn, .fail, .unknown, .notApplicable]
}

/// The same as Markdown, for docs: without findings, so that it depends on the check alone.
package enum HealthMarkdown {
  package static func page(_ info: CheckInfo) -> String {
    var text = "# \(info.id): \(info.title)\n\n"
    text += "<!-- Made from the check itself by `make docs`. -->\n\n"
    text += info.why + "\n\nHarm of what it finds: \(info.harm.text) (`\(info.harm.rawValue)`)."
    text += "\n\n## Verdicts\n\n| verdict | meaning |\n| --- | --- |\n"
    for verdict in Verdict.explained {
      if let meaning = info.verdicts[verdict] {
        text += "| \(verdict.rawValue) | \(meaning) |\n"
      }
    }
    text += "\n## Reads\n\n" + info.reads.map { "- \($0)\n" }.joined()
    if info.usesSamples {
      text += "\n`--live SECONDS` takes samples for that long, while a load runs.\n"
    }
    text += "\n## Fix\n\n\(info.fix)\n\nRisk: \(info.risk)\n"
    text += "\n## Sources\n\n" + info.sources.map { "- \($0)\n" }.joined()
    return text
  }

  /// The list of all checks, by area.
  package static func index(_ checks: [any Check.Type]) -> String {
    var text = "# Checks\n\n<!-- Made from the checks themselves by `make docs`. -->\n\n"
    text += "\(checks.count) checks. `tinyboxctl check --explain ID` shows a page with what was "
    text += "found on this machine.\n"
    for area in CheckInfo.Area.allCases {
      let own = checks.filter { $0.info.area == area }
      if own.isEmpty { continue }
      text += "\n## \(title(area))\n\n| check | what |\n| --- | --- |\n"
      for check in own {
        text += "| [\(check.info.id)](\(check.info.id).md) | \(check.info.title) |\n"
      }
    }
    return text
  }

  private static func title(_ area: CheckInfo.Area) -> String {
    switch area {
    case .pcie: "PCI Express"
    case .gpu: "GPUs"
    case .peerToPeer: "Peer-to-peer"
    case .processors: "Processors"
    case .memory: "Memory"
    case .interrupts: "Interrupts"
    case .storage: "Storage"
    case .system: "System"
    case .runtimes: "Runtimes of models"
    }
  }
}
