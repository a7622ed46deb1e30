package import Base
internal import Linux
internal import Placement

/// Held by the program that makes a trial, from before its first change to after its end. It goes with the
/// process: a trial in the ledger whose lock is free has died.
package final class TrialLock {
  private let lock: FileLock

  /// Takes it.
  /// - Throws: `Failure` (`busy`) when another trial is going on.
  package init() throws(Failure) {
    try DurableFile.makeFolder(Ledger.folder)
    do throws(Errno) {
      lock = try FileLock(TrialLock.path)
    } catch {
      throw error == .EAGAIN
        ? TrialLock.busy(nil) : Failure("lock \(TrialLock.path)", error, code: .conflict)
    }
  }

  /// Whether a trial is going on. Where that cannot be found out it is taken to be.
  package static var isHeld: Bool {
    do throws(Errno) {
      let lock = try FileLock(path)
      _ = consume lock
      return false
    } catch {
      return error != .ENOENT
    }
  }

  /// What another program is told that wants to change the placement meanwhile.
  package static func busy(_ subject: String?) -> Failure {
    Failure(
      "change the placement",
      because: "a trial of the placement\(subject.map { " of \($0)" } ?? "") is going on",
      hint: "wait for its end, or end it with Ctrl-C", code: .busy)
  }

  private static let path = Ledger.folder + "/placement-trial.lock"
}
