internal import Base
internal import Inventory

/// Error counters over all looks.
struct SoakErrors: Sendable {
  private struct Key: Hashable {
    var subject: String
    var kind: SoakCounter.Kind
    /// nil for the sum of all names of the kind.
    var name: String?
  }
  private struct Count {
    var last: Int
    var growth = 0
    /// Whether it ran backwards: what it counted between is not known.
    var wasReset = false
  }
  private var counts: [Key: Count] = [:]

  mutating func look(_ inventory: Inventory) {
    for function in inventory.pci {
      guard let errors = function.aer else { continue }
      let subject = "\(function.address)"
      take(errors.correctable, errors.correctableTotal, .aerCorrectable, subject)
      take(errors.nonFatal, errors.nonFatalTotal, .aerNonFatal, subject)
      take(errors.fatal, errors.fatalTotal, .aerFatal, subject)
    }
    for controller in inventory.memory.controllers {
      take(controller.correctedErrors, .eccCorrected, controller.name)
      take(controller.uncorrectedErrors, .eccUncorrected, controller.name)
      for module in controller.modules {
        let name = module.label.map { "\(module.name) (\($0))" } ?? module.name
        take(module.correctedErrors, .eccCorrected, controller.name, name)
        take(module.uncorrectedErrors, .eccUncorrected, controller.name, name)
      }
    }
    for gpu in inventory.gpus {
      let subject = "\(gpu.address)"
      for (block, count) in gpu.ecc ?? [:] {
        take(count.corrected, .eccCorrected, subject, block)
        take(count.uncorrected, .eccUncorrected, subject, block)
      }
      take(gpu.pcieReplays, .pcieReplays, subject)
    }
    for drive in inventory.nvme {
      // The counter has 128 bits; beyond what is exact its growth does not show.
      take(drive.health.flatMap { Int(exactly: $0.mediaErrors) }, .mediaErrors, drive.name)
    }
  }

  /// Subjects that have a counter of a kind.
  func count(_ kind: SoakCounter.Kind) -> Int {
    Set(counts.keys.filter { $0.kind == kind }.map(\.subject)).count
  }

  /// Those that grew. A sum is listed only for what its names do not explain.
  var grown: [SoakCounter] {
    var result: [SoakCounter] = []
    for (key, count) in counts where count.growth > 0 {
      var growth = count.growth
      if key.name == nil {
        for (other, part) in counts
        where other.subject == key.subject && other.kind == key.kind && other.name != nil {
          // Neither is negative: this cannot overflow.
          growth = max(0, growth - part.growth)
        }
      }
      if growth <= 0 { continue }
      result.append(
        SoakCounter(subject: key.subject, kind: key.kind, name: key.name, growth: growth))
    }
    return result.sorted {
      ($0.subject, $0.kind.rawValue, $0.name ?? "") < ($1.subject, $1.kind.rawValue, $1.name ?? "")
    }
  }

  /// Counters that ran backwards.
  var unknown: [SoakUnknown] {
    counts.filter(\.value.wasReset).keys.map { key in
      SoakUnknown(
        "\(key.kind.rawValue) \(key.name.map { "\($0) " } ?? "")of \(key.subject)",
        "its counter was set back meanwhile", isGap: true)
    }
    .sorted { $0.name < $1.name }
  }

  /// Counters by name; a name that is missing counted nothing.
  private mutating func take(
    _ byName: [String: Int], _ total: Int?, _ kind: SoakCounter.Kind, _ subject: String
  ) {
    let isFirst = counts[Key(subject: subject, kind: kind)] == nil
    let sum = byName.values.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    take(max(total ?? 0, sum), kind, subject)
    for (name, count) in byName {
      let key = Key(subject: subject, kind: kind, name: name)
      if counts[key] == nil, !isFirst { counts[key] = Count(last: 0) }
      take(count, kind, subject, name)
    }
  }

  private mutating func take(
    _ value: Int?, _ kind: SoakCounter.Kind, _ subject: String, _ name: String? = nil
  ) {
    guard let value, value >= 0 else { return }
    let key = Key(subject: subject, kind: kind, name: name)
    guard var count = counts[key] else {
      counts[key] = Count(last: value)
      return
    }
    if value >= count.last {
      let (sum, overflow) = count.growth.addingReportingOverflow(value - count.last)
      count.growth = overflow ? .max : sum
    } else {
      count.wasReset = true
    }
    count.last = value
    counts[key] = count
  }
}
