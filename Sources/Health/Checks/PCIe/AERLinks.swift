internal import Base
internal import Inventory

/// A link and the error counters of its ends.
struct AERLink {
  /// The function below.
  var device: PCIAddress
  /// The function below and the port above, as far as they exist.
  var ends: [PCIFunction]
  /// Whether a GPU, drive or network interface is its lower end.
  var isOfDataDevice: Bool
  /// Messages that only the root port above counted: no function below keeps counters.
  var rootPortOnly: PCIeErrors.RootPortTotals?

  /// Sums over both ends.
  var counts: AERCounts {
    var counts = AERCounts()
    for end in ends { if let aer = end.aer { counts.add(aer) } }
    if let total = rootPortOnly { counts.add(total) }
    return counts
  }

  var hasErrors: Bool { counts.total > 0 }
}

/// Numbers of error messages.
struct AERCounts {
  var correctable = 0
  var nonFatal = 0
  var fatal = 0
  /// Names of what was counted, the most frequent first.
  private var names: [String: Int] = [:]

  var total: Int { correctable &+ nonFatal &+ fatal }

  /// The total counts messages, the names bits: one message may have several.
  mutating func add(_ aer: PCIeErrors) {
    func sum(_ total: Int?, _ kinds: [String: Int]) -> Int {
      max(total ?? 0, kinds.values.reduce(0, &+))
    }
    correctable &+= sum(aer.correctableTotal, aer.correctable)
    nonFatal &+= sum(aer.nonFatalTotal, aer.nonFatal)
    fatal &+= sum(aer.fatalTotal, aer.fatal)
    for kinds in [aer.correctable, aer.nonFatal, aer.fatal] {
      names.merge(kinds.filter { $0.value > 0 }) { $0 &+ $1 }
    }
  }

  mutating func add(_ total: PCIeErrors.RootPortTotals) {
    correctable &+= total.correctable ?? 0
    nonFatal &+= total.nonFatal ?? 0
    fatal &+= total.fatal ?? 0
  }

  /// `2 corrected (BadTLP)`.
  var text: String {
    let parts = [(fatal, "fatal"), (nonFatal, "non-fatal"), (correctable, "corrected")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let most = names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key)
    return parts.joined(separator: ", ")
      + (most.isEmpty ? "" : " (\(most.joined(separator: ", ")))")
  }
}

/// The links of a machine, by the function below.
struct AERLinks {
  private(set) var all: [AERLink] = []

  /// Counters of a port that faces down belong to the link below it, all others to the link above.
  init(_ box: Box) {
    var children: [PCIAddress: [PCIFunction]] = [:]
    for function in box.inventory.pci {
      if let parent = function.parent { children[parent, default: []].append(function) }
    }
    /// Root ports below which some function keeps counters of its own.
    var covered: Set<PCIAddress> = []
    for function in box.inventory.pci where function.aer.map(Self.hasOwnErrors) == true {
      for ancestor in box.ancestors(of: function.address) { covered.insert(ancestor.address) }
      covered.insert(function.address)
    }
    for function in box.inventory.pci where function.physicalFunction == nil {
      let port = box.function(function.parent)
      let isFacingDown = facesDown(function)
      let below = children[function.address] ?? []
      // A port's own counters are reported with what is below it; with nothing below, alone.
      if isFacingDown, let first = below.first(where: { $0.address.function == 0 }) ?? below.first {
        if let total = function.aer?.rootPort, !covered.contains(function.address),
          (total.correctable ?? 0) + (total.nonFatal ?? 0) + (total.fatal ?? 0) > 0
        {
          all.append(
            AERLink(
              device: first.address, ends: [first, function], isOfDataDevice: false,
              rootPortOnly: total))
        }
        if port == nil || !facesDown(port) { continue }
      }
      var ends = [function]
      // Several functions of a device share the port: it is reported with the first.
      if let port, facesDown(port),
        (children[port.address] ?? []).first(where: { $0.address.function == 0 })?.address
          == function.address || (children[port.address] ?? []).count == 1
      {
        ends.append(port)
      }
      all.append(
        AERLink(
          device: function.address, ends: ends, isOfDataDevice: box.carriesData(function.address)))
    }
  }

  private static func hasOwnErrors(_ aer: PCIeErrors) -> Bool {
    var counts = AERCounts()
    counts.add(aer)
    return counts.total > 0
  }

  private func facesDown(_ function: PCIFunction?) -> Bool {
    switch function?.express?.portType {
    case .rootPort, .switchDownstream: true
    default: false
    }
  }
}
