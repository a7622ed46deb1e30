internal import Base
internal import Benchmarks

/// What trials show of the placement of devices.
enum ProofLines {
  /// A block with its heading; nothing where no word is to be said, as of a recording.
  static func lines(_ proofs: [PlacementProof]?, _ style: Style) -> [Line] {
    guard let proofs, !proofs.isEmpty else { return [] }
    var lines = [Line("proven by trials", .strong)]
    for proof in proofs where !proof.loads.isEmpty { lines += device(proof, style) }
    let untried = proofs.filter { $0.state == .notTried }.map(name)
    if !untried.isEmpty {
      lines += Line("  not tried: \(untried.joined(separator: ", "))")
        .wrapped(to: style.columns, indent: 4)
    }
    // Most often one reason for all.
    for (reason, devices) in unknown(proofs) {
      let who = devices.count == proofs.count ? "" : ": \(devices.joined(separator: ", "))"
      lines += Line("  unknown\(who): \(reason)", .warning)
        .wrapped(to: style.columns, indent: 4)
    }
    return lines + [Line()]
  }

  /// Devices of which nothing at all is known, by reason, in their order.
  private static func unknown(_ proofs: [PlacementProof]) -> [(reason: String, devices: [String])] {
    var found: [(reason: String, devices: [String])] = []
    for proof in proofs where proof.state == .unknown && proof.loads.isEmpty {
      let reason = proof.reason ?? "no reason is known"
      if let index = found.firstIndex(where: { $0.reason == reason }) {
        found[index].devices.append(name(proof))
      } else {
        found.append((reason, [name(proof)]))
      }
    }
    return found
  }

  private static func device(_ proof: PlacementProof, _ style: Style) -> [Line] {
    var line = Line("  \(proof.device) \(proof.address.short): ")
    line.add(words(proof.state), tone(proof.state))
    if let reason = proof.reason { line.add(": " + reason) }
    var lines = line.wrapped(to: style.columns, indent: 4)
    for load in proof.loads {
      let numbers = [load.ratio, load.low, load.high].map { Units.decimal($0, places: 3) }
      var line = Line("    \(load.metric): \(TrialTable.word(load.verdict)), ")
      line.add("\(numbers[0]) (\(numbers[1]) to \(numbers[2])), \(load.time.prefix(10))")
      if let reason = load.reason, reason != proof.reason {
        line.add(load.isCurrent == false ? "; before a change: " : "; unknown: ")
        line.add(reason)
      }
      lines += line.wrapped(to: style.columns, indent: 6)
    }
    return lines
  }

  private static func name(_ proof: PlacementProof) -> String {
    "\(proof.device) \(proof.address.short)"
  }

  private static func words(_ state: PlacementProof.State) -> String {
    switch state {
    case .gain: "gain"
    case .noGainShown: "no gain shown"
    case .worse: "worse"
    case .notTried: "not tried"
    case .triedBeforeChange: "tried before a change"
    case .unknown: "unknown"
    }
  }

  private static func tone(_ state: PlacementProof.State) -> Tone {
    switch state {
    case .gain: .strong
    case .noGainShown, .notTried: .plain
    case .worse: .bad
    case .triedBeforeChange, .unknown: .warning
    }
  }
}
