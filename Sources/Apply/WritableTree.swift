public import Inventory
public import Placement

/// What `Apply` changes and where it keeps its ledger: the running machine, or a machine in memory
/// that refuses, forgets and dies as a test wants it.
///
/// Calls throw `KnobFailure` for what the machine refuses; any other error ends the run as a crash
/// would.
public protocol WritableTree: AnyObject {
  /// The boot this is, from `/proc/sys/kernel/random/boot_id`.
  func bootID() throws -> String
  /// Whether an interrupt still has the handler it is known by: numbers are given anew.
  func isPresent(_ knob: Knob) throws -> Bool
  /// What the knob holds, byte for byte as the kernel shows it.
  func read(_ knob: Knob) throws -> [UInt8]
  /// Sets the knob to a value in its format.
  func write(_ value: String, to knob: Knob) throws
  /// What the value has come to, in the format of the value: where an interrupt is delivered,
  /// which CPUs a unit is granted. Nil when nothing tells.
  func effective(_ knob: Knob) throws -> String?
  /// Whether the interface of a function is in a network other than ours, such as a container's:
  /// its settings are there and out of reach.
  func isInOtherNetwork(_ device: PCIAddress) -> Bool
  /// Whether an interface is the one of a function: after a replug two may have changed names.
  func isInterface(_ name: String, of device: PCIAddress) -> Bool
  /// The bytes of the ledger; nil when there is none.
  func loadLedger() throws -> [UInt8]?
  /// Replaces the ledger: whole or not at all, also when the power fails.
  func storeLedger(_ content: [UInt8]) throws
}

/// Why a knob could not be read or set.
public struct KnobFailure: Error, Codable, Hashable, Sendable, CustomStringConvertible {
  /// The errno of the call; absent for what is no system call.
  public var errno: Int32?
  /// Why, in words.
  public var reason: String

  /// A failure.
  public init(errno: Int32? = nil, reason: String) {
    self.errno = errno
    self.reason = reason
  }

  /// Why, in words.
  public var description: String { reason }

  /// The thing is not there (any more): ENOENT, ENXIO, ENODEV.
  public var isGone: Bool { errno == 2 || errno == 6 || errno == 19 }
  /// No vector is free on the CPU asked for: ENOSPC.
  public var isOutOfRoom: Bool { errno == 28 }
  /// It may work in a moment: EBUSY, EAGAIN, ENOMEM, EINTR.
  public var isTransient: Bool { errno == 16 || errno == 11 || errno == 12 || errno == 4 }
}

/// Why nothing was applied or rolled back at all.
public struct ApplyFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was to be done, such as `keep the original values`.
  public var step: String
  /// Why it failed.
  public var reason: String
  /// What to do about it.
  public var hint: String?
  /// Whether only another program is at it at this moment.
  public var isBusy = false

  /// A failure.
  public init(_ step: String, _ reason: String, hint: String? = nil) {
    self.step = step
    self.reason = reason
    self.hint = hint
  }

  /// Step and reason.
  public var description: String { "cannot \(step): \(reason)" }
}
