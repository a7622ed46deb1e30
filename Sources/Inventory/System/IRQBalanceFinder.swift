internal import Base
internal import KernelTree

/// Looks for irqbalance among the processes.
///
/// Live, the answer alone is recorded, not every process. A recording without an answer is looked
/// at file by file, as far as it has `/proc/PID`.
struct IRQBalanceFinder {
  /// The process, when there is one.
  private(set) var irqbalance: IRQBalance?
  /// Why its absence would prove nothing; nil when all processes were seen.
  private var missing: String?

  /// Whether every process was seen.
  var isComplete: Bool { missing == nil }
  /// Why not.
  var reason: String { missing ?? "" }

  /// The name under which a recording keeps the answer.
  static let probe = "processes/irqbalance"

  static func find(_ tree: KernelTree) -> IRQBalanceFinder {
    do throws(ReadFailure) {
      return IRQBalanceFinder(
        parsing: try tree.probe(probe) { () throws(ReadFailure) in look(.live).encoded })
    } catch {
      return look(tree)
    }
  }

  private init() {}

  private static func look(_ tree: KernelTree) -> IRQBalanceFinder {
    var found = IRQBalanceFinder()
    let pids: [Int]
    do throws(ReadFailure) {
      pids = try tree.source.entries("/proc").compactMap { pid($0) }.sorted()
    } catch {
      found.missing = error.reason
      return found
    }
    let kernelThreads = DeviceHolders.kernelThreads(tree)
    var hasFirst = false
    for pid in pids where !kernelThreads.contains(pid) {
      if pid == 1 { hasFirst = true }
      let folder = "/proc/\(pid)"
      do throws(ReadFailure) {
        guard found.irqbalance == nil, try isIRQBalance(folder, tree) else { continue }
        found.irqbalance = IRQBalance(
          pid: pid, arguments: arguments(folder, tree), unit: unit(folder, tree))
      } catch {
        // One that ended meanwhile is no matter; one that is hidden may be it.
        if tree.isLive, error.cause == .notFound || error.cause == .gone { continue }
        found.missing = error.description
      }
    }
    // A mount of /proc may hide the processes of others.
    if !hasFirst, found.missing == nil { found.missing = "process 1 is not listed" }
    return found
  }

  /// The process that a name in `/proc` stands for; nil for any other file.
  private static func pid(_ name: String) -> Int? {
    guard let first = name.utf8.first, first >= 0x31, first <= 0x39 else { return nil }
    return Int(name)
  }

  /// Whether a process is irqbalance: root's, by its user and its program. Anybody may give a process
  /// that name, and root's own rights to it, with a link of that name to a set-user-ID program.
  private static func isIRQBalance(_ folder: String, _ tree: KernelTree) throws(ReadFailure) -> Bool
  {
    let comm: [UInt8]
    do throws(ReadFailure) {
      comm = try tree.bytes(folder + "/comm")
    } catch {
      // Not every tool records the names of all processes.
      if error.cause == .notFound || error.cause == .gone { return false }
      throw error
    }
    guard ASCII.trimmed(comm[...]).elementsEqual("irqbalance".utf8), !isZombie(folder, tree),
      try isRoots(folder, tree)
    else { return false }
    do throws(ReadFailure) {
      let program = try tree.linkName(folder + "/exe")
      // The kernel says so of one that was replaced by an update since it started.
      return program == "irqbalance" || program == "irqbalance (deleted)"
    } catch {
      // Only root may read the program of root's process. Only systemd puts one into this unit.
      if error.cause == .permissionDenied, unit(folder, tree) == "irqbalance.service" {
        return true
      }
      throw error
    }
  }

  /// Whether real, effective, saved and file system user are root, as the machine counts users
  /// (`Uid:` in `/proc/PID/status`).
  private static func isRoots(_ folder: String, _ tree: KernelTree) throws(ReadFailure) -> Bool {
    let text = try tree.bytes(folder + "/status")
    let line = ASCII.lines(text).first { $0.starts(with: "Uid:".utf8) }
    let users = line.map { ASCII.fields($0).dropFirst().map(ASCII.decimal) } ?? []
    return users.count == 4 && users.allSatisfy { $0 == 0 }
  }

  /// Whether it has ended and only waits for its parent: state `Z` in `/proc/PID/stat`, behind the
  /// name in parentheses, which may hold anything.
  private static func isZombie(_ folder: String, _ tree: KernelTree) -> Bool {
    guard let text = try? tree.bytes(folder + "/stat"),
      let end = text.lastIndex(of: UInt8(ascii: ")"))
    else { return false }
    return text[end...].dropFirst(2).first == UInt8(ascii: "Z")
  }

  private static func arguments(_ folder: String, _ tree: KernelTree) -> [String] {
    guard let text = try? tree.bytes(folder + "/cmdline", sensitivity: .freeText) else { return [] }
    return text.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// `0::/system.slice/irqbalance.service`.
  private static func unit(_ folder: String, _ tree: KernelTree) -> String? {
    guard let text = try? tree.bytes(folder + "/cgroup") else { return nil }
    for line in ASCII.lines(text) {
      let path = line.split(separator: 0x3a, maxSplits: 2, omittingEmptySubsequences: false).last
      guard let last = path?.split(separator: 0x2f).last else { continue }
      let name = String(decoding: last, as: UTF8.self)
      if name.hasSuffix(".service") { return name }
    }
    return nil
  }

  private var encoded: [UInt8] {
    var text = AnswerText()
    if let missing { text.add("incomplete", missing) }
    if let irqbalance {
      text.add("process", irqbalance.pid)
      if let unit = irqbalance.unit { text.add("unit", unit) }
      for argument in irqbalance.arguments { text.add("argument", argument) }
    }
    text.add("looked", "1")
    return text.bytes
  }

  private init(parsing answer: [UInt8]) {
    missing = "cannot understand the answer"
    var incomplete: String?
    for line in AnswerText.lines(answer) {
      switch line.key {
      case "incomplete": incomplete = line.value
      case "process":
        guard let pid = Int(line.value), pid > 0 else { continue }
        irqbalance = IRQBalance(pid: pid, arguments: [], unit: nil)
      case "unit": irqbalance?.unit = line.value
      case "argument": irqbalance?.arguments.append(line.value)
      case "looked": missing = incomplete
      default: break
      }
    }
  }
}
