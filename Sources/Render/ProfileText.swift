internal import Base
package import Health
internal import Inventory

/// A profile for people: what it expects, GPUs first.
package enum ProfileText {
  /// Profiles that come with tinybox, the one in force marked, and one that was learned.
  package static func list(
    _ shipped: [Profile], inForce current: Profile?, _ style: Style = Style()
  ) -> [String] {
    let column = 2 + (shipped.map(\.name.utf8.count).max() ?? 0) + 2
    var lines: [Line] = []
    for profile in shipped {
      var line = Line((profile.name == current?.name ? "* " : "  ") + profile.name)
      line.pad(to: column)
      line.add(profile.title ?? "")
      lines += line.wrapped(to: style.columns, indent: column)
    }
    if let current, current.origin == .learned {
      let time = current.learnedAt ?? "at an unknown time"
      lines += Line("* \(current.name), learned \(time)").wrapped(to: style.columns, indent: 2)
    }
    if current == nil {
      lines += Line("none is in force: 'tinyboxctl profile learn' makes one")
        .wrapped(to: style.columns)
    }
    return lines.texts(style)
  }

  /// A line a kind, and one a place.
  package static func lines(_ profile: Profile, _ style: Style = Style()) -> [String] {
    let column = 13
    var lines: [Line] = []
    func line(_ label: String, _ parts: [String?], unknown: String = "not known") {
      let known = parts.compactMap { $0 }
      var line = Line(label + " ")
      line.pad(to: column)
      line.add(known.isEmpty ? unknown : known.joined(separator: ", "))
      lines += line.wrapped(to: style.columns, indent: column)
    }
    if let gpus = profile.gpus, !gpus.isEmpty {
      for gpu in gpus {
        let id = gpu.pciID.map { " (\($0))" } ?? ""
        line(
          "GPU",
          [
            "\(gpu.count) x \(gpu.name ?? "GPU")\(id)", gpu.link.map(LinkText.rate),
            gpu.memoryBytes.map { Units.capacity($0) },
            gpu.powerCapWatts.map { "power cap \(Units.short($0)) W" },
          ])
      }
    } else {
      line("GPU", [profile.gpus == nil ? nil : "none"])
    }
    line("drives", [profile.nvme.map { "\($0.count)" }, profile.nvme?.link.map(LinkText.rate)])
    line("interfaces", [profile.nics.map { "\($0.count)" }, profile.nics?.link.map(LinkText.rate)])
    line(
      "processors",
      [
        profile.packageCount.map { Units.count($0, "socket") },
        profile.coreCount.map { Units.count($0, "core") },
        profile.nodesPerSocket.map { Units.count($0, "NUMA node") + " a socket" },
      ])
    line(
      "memory",
      [
        profile.memoryBytes.map { Units.capacity($0) },
        profile.memoryChannels.map { Units.count($0, "channel") },
        profile.memoryMegatransfersPerSecond.map { "\($0) MT/s" },
      ], unknown: "modules not known")
    for place in profile.places ?? [] {
      line(
        place.address.short,
        [
          place.kind.label, place.name,
          place.slot.map { "slot \($0)" }, place.numaNode.map { "node \($0)" },
          place.link.map(LinkText.rate),
        ])
    }
    return lines.texts(style)
  }

  /// A line a difference, and one for a device that only one of the two has.
  package static func lines(_ found: ProfileDifferences) -> [String] {
    if found.differences.isEmpty { return ["\(found.before) and \(found.after) expect the same"] }
    var lines: [String] = []
    var subjects: [String] = []
    for difference in found.differences where !subjects.contains(difference.subject) {
      subjects.append(difference.subject)
    }
    for subject in subjects {
      let own = found.differences.filter { $0.subject == subject }
      let first = own.first?.key
      let isDevice = first == "count" || first == "kind"
      let (before, after) = (own.compactMap(\.before), own.compactMap(\.after))
      if isDevice, before.isEmpty {
        lines.append("+ \(subject): " + after.map(text).joined(separator: ", "))
      } else if isDevice, after.isEmpty {
        lines.append("- \(subject): " + before.map(text).joined(separator: ", "))
      } else {
        lines += own.map { difference in
          let before = difference.before.map(text) ?? "not said"
          let after = difference.after.map(text) ?? "not said"
          return "  \(subject): \(difference.key) \(before) -> \(after)"
        }
      }
    }
    return lines
  }

  private static func text(_ value: ProfileValue) -> String {
    switch value {
    case .count(let number): "\(number)"
    case .bytes(let bytes): Units.capacity(bytes)
    case .bytesPerSecond(let rate): Units.rate(rate)
    case .megatransfers(let speed): "\(speed) MT/s"
    case .watts(let watts): "\(Units.short(watts)) W"
    case .link(let rate): LinkText.rate(rate)
    case .text(let text): DisplayText.clean(text)
    }
  }
}
