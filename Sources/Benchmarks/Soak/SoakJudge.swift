internal import Base
internal import Inventory

/// The verdict on a soak.
package enum SoakJudge {
  /// Degrees below the critical limit from which a temperature deserves a look: that of the checks.
  static let margin = 5.0
  /// Reasons of NVML that are no choice of the owner: protection by the hardware, and by the driver
  /// (nvml.h, nvmlClocksEventReasons).
  static let throttleVerdicts: [String: SoakReport.Verdict] = [
    "HwSlowdown": .fail, "HwThermalSlowdown": .fail, "HwPowerBrakeSlowdown": .fail,
    "SwThermalSlowdown": .warn,
  ]

  /// Judges a report whose evidence is complete.
  package static func judge(_ report: inout SoakReport) {
    let found =
      loads(report) + end(report) + temperatures(report) + errors(report) + links(report)
      + throttling(report) + evidence(report)
    report.reasons =
      found.filter { $0.verdict == .fail } + found.filter { $0.verdict == .warn }
    report.verdict = report.reasons.first?.verdict ?? .pass
  }

  private static func loads(_ report: SoakReport) -> [SoakReason] {
    var reasons: [SoakReason] = []
    for load in report.loads {
      if load.wrongResults > 0 {
        let checked = load.checkedResults.map { " of \(Units.count($0))" } ?? ""
        reasons.append(
          SoakReason(
            .fail, "\(load.name): \(Units.count(load.wrongResults))\(checked) results were wrong"))
      }
      let reason = load.reason ?? "no reason was given"
      switch load.outcome {
      case .failed: reasons.append(SoakReason(.fail, "\(load.name) failed: \(reason)"))
      case .skipped: reasons.append(SoakReason(.warn, "\(load.name) was left out: \(reason)"))
      case .ran where !load.didWork && report.end == .deadline:
        reasons.append(SoakReason(.warn, "\(load.name) did no work in its time"))
      case .ran, .notApplicable: break
      }
    }
    if !report.loads.contains(where: { $0.outcome == .ran && $0.didWork }) {
      reasons.append(SoakReason(.warn, "nothing was loaded"))
    }
    return reasons
  }

  private static func end(_ report: SoakReport) -> [SoakReason] {
    let ran =
      "after \(Units.duration(report.seconds)) of \(Units.duration(report.plannedSeconds))"
    switch report.end {
    case .deadline: return []
    case .stopped: return [SoakReason(.warn, "it was stopped \(ran)")]
    case .criticalTemperature:
      return [SoakReason(.fail, "it ended \(ran): a temperature reached its critical limit")]
    case .wrongResult: return [SoakReason(.fail, "it ended \(ran): a result was wrong")]
    case .noLoad: return [SoakReason(.warn, "it ended \(ran): no load was left")]
    case .unwatched:
      return [SoakReason(.warn, "it ended \(ran): the machine could no longer be watched")]
    }
  }

  private static func temperatures(_ report: SoakReport) -> [SoakReason] {
    report.readings.flatMap { reading -> [SoakReason] in
      var reasons: [SoakReason] = []
      let name = "\(reading.name) of \(reading.subject)"
      if reading.quantity == .temperature, let limit = reading.criticalLimit,
        reading.most > limit - margin
      {
        let most = Units.decimal(reading.most, places: 1)
        reasons.append(
          SoakReason(
            reading.most >= limit ? .fail : .warn,
            "\(name) reached \(most) °C, critical at \(Units.decimal(limit, places: 1))"))
      }
      if !reading.isAnswering {
        reasons.append(SoakReason(.warn, "\(name) (\(reading.quantity)) no longer answers"))
      }
      return reasons
    }
  }

  private static func errors(_ report: SoakReport) -> [SoakReason] {
    let counters = report.counters.map { counter in
      let name = counter.name.map { " (\($0))" } ?? ""
      return SoakReason(
        counter.kind.verdict,
        "\(counter.subject): \(counter.kind.words)\(name) grew by \(Units.count(counter.growth))")
    }
    let lost = report.lost.map {
      SoakReason(.fail, "\($0.subject) was lost after \(Units.duration($0.seconds))")
    }
    return lost + counters
  }

  private static func links(_ report: SoakReport) -> [SoakReason] {
    report.links.compactMap { link in
      let name = "link from \(link.port.short) to \(link.device.short)"
      if link.fewestLanes < link.first.width {
        return SoakReason(
          .warn, "\(name) fell from \(link.first.width) to \(link.fewestLanes) lanes")
      }
      guard link.isLoaded, link.slowest.bytesPerSecond < link.first.bytesPerSecond else {
        return nil
      }
      return SoakReason(
        .warn,
        "\(name) fell from \(link.first.description) to \(link.slowest.description) under load")
    }
  }

  private static func throttling(_ report: SoakReport) -> [SoakReason] {
    var reasons = report.throttling.compactMap { seen in
      throttleVerdicts[seen.reason].map { verdict in
        SoakReason(
          verdict, "\(seen.subject) gave \(seen.reason) in \(Units.percent(seen.share)) of looks")
      }
    }
    if let clock = report.clock, max(clock.drop, clock.worstDrop) >= SoakClock.limit {
      reasons.append(
        SoakReason(
          .warn,
          "the compute rate of the CPUs fell by \(Units.percent(clock.drop)), of CPU "
            + "\(clock.worstCPU) by \(Units.percent(clock.worstDrop))"))
    }
    return reasons
  }

  private static func evidence(_ report: SoakReport) -> [SoakReason] {
    var reasons = report.unknown.filter(\.isGap).map {
      SoakReason(.warn, "\($0.name): not known, \($0.reason)")
    }
    if report.looks < 2 {
      reasons.append(
        SoakReason(.warn, "the machine was looked at \(Units.count(report.looks, "time")): too few")
      )
    }
    if report.watched.isEmpty {
      reasons.append(SoakReason(.warn, "no sensor, counter or link could be watched"))
    }
    return reasons
  }
}

extension SoakLoadReport {
  /// Whether it moved or computed something.
  var didWork: Bool { (bytes ?? 0) > 0 || (operations ?? 0) > 0 }
}

extension SoakCounter.Kind {
  /// What it counts, for people.
  package var words: String {
    switch self {
    case .aerCorrectable: "correctable PCIe errors"
    case .aerNonFatal: "non-fatal PCIe errors"
    case .aerFatal: "fatal PCIe errors"
    case .eccCorrected: "corrected memory errors"
    case .eccUncorrected: "uncorrected memory errors"
    case .mediaErrors: "media errors"
    case .pcieReplays: "PCIe replays"
    }
  }
}
