internal import Base
internal import Inventory

/// The members of an md array by what the kernel says of each (drivers/md/md.c, `state_show`).
struct RAIDMembers {
  private let array: RAIDArray
  /// Members that hold all their data.
  let inSync: [String]
  /// Members that the kernel gave up.
  let faulty: [String]
  /// Members that work but are to be replaced: after errors, or because somebody asked for it.
  let toReplace: [String]
  /// Members that are being written to take another's place.
  let replacements: [String]
  /// Whether the state of each member is known.
  let isKnown: Bool

  init(_ array: RAIDArray) {
    self.array = array
    // `in_sync,write_mostly`; `replacement` must not be found in `want_replacement`.
    func members(_ word: String, without other: String? = nil) -> [String] {
      array.members.filter { member in
        let words = member.state?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        return words.contains(word) && !(other.map(words.contains) ?? false)
      }.map(\.device)
    }
    inSync = members("in_sync", without: "faulty")
    faulty = members("faulty")
    toReplace = members("want_replacement", without: "faulty")
    replacements = members("replacement", without: "faulty")
    isKnown =
      !array.members.isEmpty && array.members.allSatisfy { $0.state != nil }
      && !array.unknown.contains { $0.fact == "members" }
  }

  /// Whether every place of the array has a member with all its data. The kernel counts a member
  /// that failed as missing (`degraded`); one that failed as a spare, or whose place another has
  /// taken, it does not count.
  var areComplete: Bool {
    guard array.missingMembers == 0, let count = array.memberCount else { return false }
    return inSync.count >= count
  }

  /// Whether it is a mirror with two copies or more that only has empty places: some systems make
  /// mirrors with a place for each drive they could ever hold.
  var isMirrorWithRoom: Bool {
    guard let count = array.memberCount, let missing = array.missingMembers else { return false }
    return array.level == "raid1" && isKnown && faulty.isEmpty && inSync.count >= 2
      && count - inSync.count == missing
  }

  /// How many more members may fail before data is lost; nil where it depends on which, or is not
  /// known.
  var spareCopies: Int? {
    let missing = array.missingMembers.map { max($0, faulty.isEmpty ? 0 : 1) }
    switch array.level {
    case "raid1": return isKnown ? inSync.count - 1 : nil
    case "raid4", "raid5": return missing.map { 1 - $0 }
    case "raid6": return missing.map { 2 - $0 }
    default: return nil
    }
  }

  /// Whether more members are missing than the array has copies to make up for.
  var areTooFew: Bool { spareCopies.map { $0 < 0 } ?? false }

  /// Whether the array does not run: most often because too few of its members were found.
  var isStopped: Bool { array.state.map { ["broken", "inactive", "clear"].contains($0) } ?? false }

  /// What to do about an array that does not run, or has members missing.
  var advice: [Advice] {
    if areTooFew || isStopped {
      let names = array.members.isEmpty ? ["DEVICE"] : array.members.map(\.device)
      return [
        Advice(
          "write nothing to any member: first compare the event counts that each has of the array",
          commands: ["mdadm --examine " + names.map { "/dev/\($0)" }.joined(separator: " ")],
          risk: "adding or creating writes over what could still be saved")
      ]
    }
    return [
      Advice("see which member", commands: ["mdadm --detail /dev/\(array.name)"]),
      Advice(
        "replace the drive, then add it",
        commands: ["mdadm /dev/\(array.name) --add /dev/DEVICE"],
        risk: "everything on the added device is overwritten: go by its serial number"),
    ]
  }

  /// What it means that members are missing.
  var consequence: String {
    switch spareCopies {
    case .some(..<0): "nothing can be rebuilt from what is left"
    case 0: "the next drive to fail takes the data with it"
    case 1: "one more may fail, two may not"
    case .some(let copies): "\(copies) more may fail, \(copies + 1) may not"
    case nil:
      switch array.level {
      case "raid10": "whether the next drive to fail takes data with it depends on which it is"
      case "raid0", "linear": "there is no copy of what was on it"
      default: "how many more may fail is not known"
      }
    }
  }

  /// Which member takes another's place: `sdb1 is being replaced by sdk1`; nil where none does.
  var replacing: String? {
    if replacements.isEmpty { return nil }
    let new = replacements.joined(separator: " ")
    if toReplace.isEmpty { return "a member is being replaced by \(new)" }
    let verb = toReplace.count == 1 ? "is" : "are"
    return "\(toReplace.joined(separator: " ")) \(verb) being replaced by \(new)"
  }
}
