internal import Accelerators
internal import Base
internal import Inventory
package import PeerToPeer

/// `tinyboxctl p2p --explain A B`: one ordered pair, hop by hop.
package enum PeerExplain {
  /// The lines.
  package static func render(_ pair: PeerPair, _ map: PeerMap, _ style: Style) -> [String] {
    var page = Page(map: map, style: style)
    page.draw(pair)
    return page.lines.texts(style)
  }

  private struct Page {
    let map: PeerMap
    let style: Style
    var lines: [Line] = []

    private func label(_ address: PCIAddress) -> String {
      map.device(address)?.label ?? address.short
    }

    mutating func draw(_ pair: PeerPair) {
      var title = Line("\(label(pair.initiator)) ")
      title.add(style.unicode ? "→" : ">")
      title.add(" \(label(pair.target))  ")
      title.add(PeerMatrix.words(pair.verdict), PeerToPeerView.tone(pair.verdict))
      if let link = pair.link { title.add(" over \(link.name)") }
      if pair.verdict == .direct || pair.verdict == .viaHostBridge {
        title.add("  (a prediction, not measured)", .dim)
      }
      lines += title.wrapped(to: style.columns, indent: 2)
      if pair.verdict == .itself { return }
      route(pair)
      let blocking = pair.reasons.filter { $0.effect == .blocks }
      if pair.isOverruled {
        // No advice: the driver says that nothing is wrong.
        heading("should prevent it, but the driver allows it")
        for reason in blocking { add(Line("  \(reason.text)", .warning)) }
      } else {
        reasons("in the way", blocking)
      }
      reasons("through the host bridge", pair.reasons.filter { $0.effect == .redirects })
      reasons("to know", pair.reasons.filter { $0.effect == .note })
      facts("not known", pair.missing)
      if !pair.answers.isEmpty {
        heading("what drivers say")
        for answer in pair.answers { self.answer(answer) }
      }
      for text in pair.contradictions { add(Line("  \(text)", .bad)) }
      facts("rests on", pair.uses)
    }

    private mutating func heading(_ text: String) {
      lines.append("")
      lines.append(Line(text, .strong))
    }

    private mutating func add(_ line: Line, indent: Int = 4) {
      lines += line.wrapped(to: style.columns, indent: indent)
    }

    // MARK: The way

    private mutating func route(_ pair: PeerPair) {
      let route = pair.route
      if let link = pair.link {
        heading("way: \(link.name); this one over PCIe is not used")
      } else {
        heading("way: " + PeerMatrix.words(route.kind))
      }
      var table = Table([
        .init("address"), .init("", minimum: 8), .init("link above", minimum: 9, drop: 1),
        .init("ACS", minimum: 8),
      ])
      for address in route.fromInitiator { table.add(hop(address, pair)) }
      if let common = route.commonBridge {
        table.add(hop(common, pair, isCommon: true))
      } else if route.kind != .unknown {
        let bridges = route.hostBridges
        let isOne = Set(bridges).count == 1
        table.add([
          Line(bridges.first ?? ""), Line(isOne ? "host bridge" : "host bridges"), Line(),
          isOne ? Line() : Line(bridges.last ?? ""),
        ])
      } else {
        table.add([Line("?", .warning), Line("way unknown")])
      }
      for address in route.fromTarget.reversed() { table.add(hop(address, pair)) }
      lines += table.lines(style)
      if let distance = route.distance {
        let isShared = route.commonBridge != nil
        let same =
          distance == 2 ? ", one device" : distance == 4 && isShared ? ", one switch" : ""
        add(Line("distance \(distance) as the kernel counts\(same)", .dim))
      }
    }

    private func hop(_ address: PCIAddress, _ pair: PeerPair, isCommon: Bool = false) -> [Line] {
      guard let function = map.function(address) else {
        return [Line(address.short), Line("unknown", .warning)]
      }
      var what = map.device(address)?.name ?? function.kindText
      if isCommon { what += ", common bridge" }
      let rate = function.link?.current ?? function.express?.linkStatus
      // A root port and a downstream port show the link below them.
      let type = function.express?.portType
      let isBelow = type == .rootPort || type == .switchDownstream
      return [
        Line(address.short), Line(what),
        isBelow ? Line() : rate.map { Line(LinkText.rate($0)) } ?? Line("unknown", .dim),
        pair.route.counted.contains(address) ? acs(function, pair) : Line("does not count", .dim),
      ]
    }

    private func acs(_ function: PCIFunction, _ pair: PeerPair) -> Line {
      if let acs = function.acs {
        let bits = acs.enabled.isEmpty ? "off" : acs.enabled.joined(separator: " ")
        let isHit = pair.route.redirects.contains(function.address)
        return Line(bits, isHit ? .warning : .plain)
      }
      return function.hasACS == false ? Line("none", .dim) : Line("unknown", .warning)
    }

    // MARK: Reasons and facts

    private mutating func reasons(_ title: String, _ reasons: [PeerReason]) {
      if reasons.isEmpty { return }
      heading(title)
      let bridges = reasons.compactMap { reason -> PCIAddress? in
        if case .redirect(let bridge, _, _) = reason { bridge } else { nil }
      }
      for reason in reasons {
        add(Line("  \(reason.text)", reason.effect == .blocks ? .bad : .plain))
        var remedy = map.remedy(reason)
        // One list for all ports, said once.
        if case .redirect(let bridge, _, _) = reason {
          remedy = bridge == bridges.last ? map.remedy(redirects: bridges) : nil
        }
        for (label, text) in PeerToPeerView.remedyLines(remedy) {
          var line = Line("    ")
          line.add(label, .dim)
          line.add(text)
          add(line, indent: 6)
        }
        if reason.effect != .note { add(Line("    source \(reason.source)", .dim), indent: 6) }
      }
    }

    private mutating func facts(_ title: String, _ keys: [PeerFactKey]) {
      if keys.isEmpty { return }
      heading(title)
      for key in keys {
        let fact = map.fact(key)
        var line = Line("  ")
        line.add(fact.fact)
        line.add(" \(fact.value)", fact.isMissing ? .warning : .plain)
        line.add("  \(fact.path)", .dim)
        add(line)
      }
    }

    private mutating func answer(_ answer: PeerAnswer) {
      let name =
        switch answer.source {
        case .kfd: "KFD"
        case .hsa: "HSA"
        case .nvml: "NVML"
        }
      func word(_ access: PeerAnswer.Access?) -> String { access?.rawValue ?? "not reported" }
      add(
        Line(
          "  \(name): read \(word(answer.read)), write \(word(answer.write))"
            + (answer.isLinkInferred == true
              ? "" : answer.link.map { ", over \($0.name)" } ?? "")))
    }
  }
}
