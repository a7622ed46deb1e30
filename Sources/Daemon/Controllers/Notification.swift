internal import Configuration
internal import Inventory

/// Something that happened, which controllers may want to know.
enum Notification {
  /// Something was added to the machine or removed. What, is found by reading it.
  case machineChanged
  /// The same, when so many seconds have passed.
  case machineChangedSoon(seconds: Double)
  /// The machine is to be read at once: something was changed here.
  case machineStale
  /// The machine was read: what has changed since it was read before, and what is there now.
  case machineRead(Inventory, changes: [EventDraft], isFirst: Bool)
  /// Another process wrote to a file that is watched; which, where that is known.
  case fileWritten(path: String, by: String?)
  /// The ledger of the placement was written, by this or another tinybox.
  case ledgerWritten
  /// irqbalance may be about to run: worth so many more readings than the next one.
  case irqbalanceStarting(readings: Int)
  /// Something that checks judge has changed.
  case checksStale
  /// The configuration was read again, and is in force.
  case configured(ServiceSettings)
  /// A unit of a runtime, or of its door, has changed.
  case runtimeUnitsChanged
  /// The gateway has written which runtimes have requests.
  case runtimeProgress
  /// What the owner wants of runtimes, or a model, has changed.
  case runtimeFilesChanged
  /// These units are to be watched: each change is a `runtimeUnitsChanged`.
  case watchUnits([String])
  /// SIGHUP.
  case reload
  /// SIGTERM or SIGINT.
  case terminate
}
