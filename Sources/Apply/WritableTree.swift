package import Base
package import Placement

/// What `Apply` changes and where it keeps its ledger: the running machine, or a machine in memory
/// that refuses, forgets and dies as a test wants it.
///
/// Calls throw `KnobFailure` for what the machine refuses; any other error ends the run as a crash
/// would.
package protocol WritableTree: AnyObject {
  /// The boot this is, from `/proc/sys/kernel/random/boot_id`.
  func bootID() throws -> String
  /// Whether an interrupt still has the handler it is known by: numbers are given anew.
  func isPresent(_ knob: Knob) throws -> Bool
  /// What the knob holds, byte for byte as the kernel shows it.
  func read(_ knob: Knob) throws -> [UInt8]
  /// Sets the knob to a value in its format.
  func write(_ value: String, to knob: Knob) throws
  /// The value in effect, in the format of the value: where an interrupt is delivered, which CPUs a
  /// unit is granted. Nil when nothing shows it.
  func effective(_ knob: Knob) throws -> String?
  /// Whether the interface of a function is in another network, such as a container's: its settings
  /// exist and are out of reach.
  func isInOtherNetwork(_ device: PCIAddress) -> Bool
  /// Whether an interface is the one of a function: after a replug two may have changed names.
  func isInterface(_ name: String, of device: PCIAddress) -> Bool
  /// The bytes of the ledger; nil when there is none.
  func loadLedger() throws -> [UInt8]?
  /// Replaces the ledger: whole or not at all, also when the power fails.
  func storeLedger(_ content: [UInt8]) throws
}
