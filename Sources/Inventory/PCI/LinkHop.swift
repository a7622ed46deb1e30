internal import Base

/// What one end of a link reports.
struct LinkEnd {
  /// Whether it has link registers, or sleeps and could not be asked.
  var hasRegisters: Bool
  /// The power state that keeps it from being asked.
  var asleep: String?
  /// The highest rate it supports.
  var capability: PCIeRate?
  /// The rate it reports for the link.
  var current: PCIeRate?

  /// The end of the link that a function is.
  init(_ function: PCIFunction) {
    let hasCapability = function.express?.portType.hasLink ?? false
    asleep = function.powerState.flatMap { LinkEnd.isAsleep($0) ? $0 : nil }
    hasRegisters = hasCapability || function.link != nil || asleep != nil
    capability = function.express?.linkCapability ?? function.link?.maximum
    // The sysfs files are read after configuration space.
    current = function.link?.current ?? function.express?.linkStatus
  }

  /// Whether a function in this power state must not be asked for its link: it would wake up, or
  /// answer for a link that is down. `suspended` is the word of `power/runtime_status`.
  static func isAsleep(_ powerState: String) -> Bool {
    powerState == "D3hot" || powerState == "D3cold" || powerState == "suspended"
  }
}

/// Judges one link from what its two ends report.
enum LinkHop {
  /// How the note of a link whose ends report different rates starts.
  static let disagreement = "ends disagree"

  /// The link between a port and the function below it.
  static func hop(_ port: PCIFunction, _ device: PCIFunction, isInsideCard: Bool) -> PCIeHop {
    let ends = (port: LinkEnd(port), device: LinkEnd(device))
    var notes: [String] = []
    let possible = possible(ends.port, ends.device)
    var hop = PCIeHop(
      port: port.address, device: device.address, current: nil, possible: possible.rate,
      limitedBy: possible.limit, isInsideCard: isInsideCard, verdict: .unknown)
    hop.portMaximum = ends.port.capability
    hop.deviceMaximum = ends.device.capability
    hop.aspm = aspm(port, device)
    if !ends.device.hasRegisters {
      notes.append("\(device.address) has no link registers: seen from the port alone")
    }
    if let (sleeper, state) = sleeper(port, ends.port) ?? sleeper(device, ends.device) {
      notes.append("\(sleeper) is in \(state)")
    } else if let a = ends.port.current, let b = ends.device.current, a != b {
      notes.insert(
        "\(disagreement): port \(a.description), device \(b.description)", at: 0)
    } else {
      hop.current = ends.port.current ?? ends.device.current
      if hop.current == nil {
        notes.append("no current speed: the link is down or does not report it")
      } else if ends.port.current == nil {
        notes.append("\(port.address) does not report its current speed")
      } else if ends.device.current == nil && ends.device.hasRegisters {
        notes.append("\(device.address) does not report its current speed")
      }
      if ends.port.capability == nil {
        notes.append("\(port.address) does not report what it can do")
      }
      if ends.device.capability == nil && ends.device.hasRegisters {
        notes.append("\(device.address) does not report what it can do")
      }
      hop.verdict = verdict(current: hop.current, possible: possible.rate, port, &notes)
    }
    notes += softwareCaps(port, device, hop)
    if let narrow = narrowEnd(hop) { notes.append(narrow) }
    hop.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    return hop
  }

  private static func verdict(
    current: PCIeRate?, possible: PCIeRate?, _ port: PCIFunction, _ notes: inout [String]
  ) -> PCIeHop.Verdict {
    if port.express?.linkTraining == true {
      notes.append("the link is training")
      return .unknown
    }
    guard let current, let possible else { return .unknown }
    if current == possible { return .full }
    if current.gigatransfersPerSecond > possible.gigatransfersPerSecond
      || current.width > possible.width
    {
      notes.append("runs above what its ends say they can do")
      return .unknown
    }
    return .below
  }

  /// The lesser speed and the lesser width of both ends, and which end limits it.
  private static func possible(
    _ port: LinkEnd, _ device: LinkEnd
  ) -> (rate: PCIeRate?, limit: PCIeHop.Limit?) {
    if !device.hasRegisters { return (port.capability, port.capability == nil ? nil : .port) }
    guard let a = port.capability, let b = device.capability else { return (nil, nil) }
    let rate = PCIeRate(
      gigatransfersPerSecond: min(a.gigatransfersPerSecond, b.gigatransfersPerSecond),
      width: min(a.width, b.width))
    return (rate, a == b ? .both : a == rate ? .port : b == rate ? .device : .both)
  }

  /// Which end keeps the link below what the other one can do: no fault, but a slot or a card that
  /// is not used to the full.
  private static func narrowEnd(_ hop: PCIeHop) -> String? {
    guard let port = hop.portMaximum, let device = hop.deviceMaximum, hop.verdict == .full
    else { return nil }
    let (wide, narrow) =
      port.bytesPerSecond > device.bytesPerSecond
      ? ((hop.port, port), (hop.device, device)) : ((hop.device, device), (hop.port, port))
    if wide.1.bytesPerSecond <= narrow.1.bytesPerSecond { return nil }
    return "\(wide.0) can do \(wide.1.description), \(narrow.0) no more than "
      + narrow.1.description
  }

  /// The kernel's answer about the link's power states, else what the ends' registers allow. Each
  /// end enters L0s by itself. L1 is asked for by the device and granted by the port: both must
  /// allow it, where both are known (PCIe Base, 5.4.1.1 and 5.4.1.2).
  private static func aspm(_ port: PCIFunction, _ device: PCIFunction) -> [String]? {
    if let states = device.aspm { return states }
    let ends = [port.express?.aspm, device.express?.aspm].compactMap { $0 }
    if ends.isEmpty { return nil }
    var states: [String] = []
    if ends.contains(where: { $0.contains("L0s") }) { states.append("L0s") }
    if ends.allSatisfy({ $0.contains("L1") }) { states.append("L1") }
    return states
  }

  private static func sleeper(
    _ function: PCIFunction, _ end: LinkEnd
  ) -> (PCIAddress, String)? { end.asleep.map { (function.address, $0) } }

  /// What software did to the link: the target speed of the port, and HASD at either end when the
  /// link is slow.
  private static func softwareCaps(
    _ port: PCIFunction, _ device: PCIFunction, _ hop: PCIeHop
  ) -> [String] {
    var notes: [String] = []
    guard let possible = hop.possible?.gigatransfersPerSecond else { return notes }
    if let target = port.express?.targetGigatransfersPerSecond, target < possible {
      notes.append("capped by software: target speed of \(port.address) is \(text(target)) GT/s")
    }
    if let current = hop.current, current.gigatransfersPerSecond < possible {
      for end in [port, device] where end.express?.hardwareAutonomousSpeedDisabled == true {
        notes.append("\(end.address) may not change its speed by itself (HASD)")
      }
    }
    return notes
  }

  private static func text(_ speed: Double) -> String {
    speed.rounded() == speed ? "\(Int(speed))" : "\(speed)"
  }
}
