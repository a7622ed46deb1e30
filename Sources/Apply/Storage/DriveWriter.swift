package import Base
package import Linux

/// A drive that is held and written to.
package struct DriveWriter: Sendable {
  /// The drive, to look at it again.
  package let held: HeldDrive
  private let path: String

  /// Holds a drive.
  /// - Parameter waitSeconds: how long something else may hold it.
  /// - Throws: `Failure` (`busy`) where something else holds it.
  package init(_ path: String, waitSeconds: Double = 5) throws(Failure) {
    self.path = path
    do throws(Errno) {
      held = try HeldDrive(writing: path, waitSeconds: waitSeconds)
    } catch {
      throw Failure(
        "hold \(path)", error, code: error == .EBUSY || error == .EAGAIN ? .busy : .failed)
    }
  }

  /// Writes bytes at an offset.
  package func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
    do throws(Errno) {
      try held.write(bytes, at: offset)
    } catch {
      throw Failure("write to \(path)", error)
    }
  }

  /// Waits until they are on the drive.
  package func synchronise() throws(Failure) {
    do throws(Errno) {
      try held.synchronise()
    } catch {
      throw Failure("write to \(path)", error)
    }
  }
}
