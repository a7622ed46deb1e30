package import Base
package import Linux

/// Copies between host and devices that are timed by the devices' own clocks, whichever library makes
/// them.
///
/// A value belongs to one thread. What it allocates ends with it, but for copies that did not end: their
/// memory stays, because the device may still write to it.
package protocol CopyLibrary: AnyObject {
  /// What it copies to and from.
  var devices: [CopyDevice] { get }
  /// Whether copies that did not end may still run. Nothing more can be measured with the library then.
  var isAbandoned: Bool { get }
  /// Memory of a device.
  /// - Parameters:
  ///   - device: index in `devices`.
  ///   - peers: indexes of the other devices that copy from or to it.
  func allocate(_ device: Int, bytes: Int, peers: [Int]) throws(CopyError) -> CopyBuffer
  /// Locks host memory, so that devices copy from and to it directly.
  /// - Parameter devices: indexes of those that do.
  func lock(_ memory: HostMemory, devices: [Int]) throws(CopyError) -> CopyBuffer
  /// Starts copies on all lanes at once and waits for them.
  /// - Returns: start and end of each copy, by lane. Seconds on one clock, whose zero is the library's.
  func copy(_ lanes: [CopyLane], _ limit: CopyLimit) throws(CopyError) -> [[CopyInterval]]
}

/// What a library copies to and from.
package struct CopyDevice: Hashable, Sendable {
  /// Its name, as the library has it.
  package var name: String
  /// PCI address; nil for a CPU in place of a device.
  package var address: PCIAddress?
  /// The library's number of a CPU's node; nil for a device.
  package var node: Int?

  /// Whether it is the GPU at an address. KFD writes a partition's number where the function is
  /// (`location_id`), so the function is not compared.
  package func isAt(_ other: PCIAddress) -> Bool {
    guard let address else { return false }
    return address.domain == other.domain && address.bus == other.bus
      && address.device == other.device
  }
}

/// Memory that a library can copy from and to.
package struct CopyBuffer: Hashable, Sendable {
  /// Index of the device it belongs to; nil for host memory.
  package var device: Int?
  /// Its address for the library.
  package var address: UInt
  /// Its size, bytes.
  package var bytes: Int
}

/// Copies one after the other from one buffer to another.
package struct CopyLane: Hashable, Sendable {
  /// Which of two devices does the work.
  package enum Driver: String, Hashable, Sendable, CaseIterable {
    /// The device that has the data writes it to the other.
    case source
    /// The device that wants the data reads it.
    case destination
  }
  /// Where the data is.
  package var from: CopyBuffer
  /// Where it goes; as large.
  package var to: CopyBuffer
  /// How often it is copied.
  package var count: Int
  /// Which of two devices does the work. Between host and device it is the device.
  package var driver: Driver

  /// Copies of all bytes of a buffer.
  package init(
    from: CopyBuffer, to: CopyBuffer, count: Int = 1, driver: Driver = .source
  ) {
    self.from = from
    self.to = to
    self.count = count
    self.driver = driver
  }

  /// Index of the device that does the work; nil between two host buffers.
  var worker: Int? {
    guard let source = from.device else { return to.device }
    guard let destination = to.device else { return source }
    return driver == .source ? source : destination
  }
}

/// When a copy ran, in seconds.
package struct CopyInterval: Hashable, Sendable {
  /// Its start.
  package var start: Double
  /// Its end.
  package var end: Double

  /// A copy that ran from start to end.
  package init(start: Double, end: Double) {
    self.start = start
    self.end = end
  }

  /// Ends when `end` comes after `start`, and both are there.
  static func checked(
    start: Double, end: Double, wallSeconds: Double
  ) throws(CopyError) -> CopyInterval {
    guard start.isFinite, end.isFinite, start != 0, end > start else {
      throw .time("the device's times of a copy are \(start) and \(end) s")
    }
    // The clocks differ by some parts in a million; the host's readings are taken outside the copy.
    guard end - start <= wallSeconds * 1.01 + 0.0001 else {
      throw .time(
        "by the device's clock a copy took \(Units.decimal((end - start) * 1e3, places: 3)) ms, by the "
          + "host's \(Units.decimal(wallSeconds * 1e3, places: 3)) ms at most")
    }
    return CopyInterval(start: start, end: end)
  }
}

/// How long copies may take.
package struct CopyLimit: Sendable {
  /// Seconds until they count as hanging.
  package var seconds: Double
  /// Becomes true when nobody wants them any more.
  package var isStopped: @Sendable () -> Bool

  /// A limit.
  package init(seconds: Double, isStopped: @escaping @Sendable () -> Bool) {
    self.seconds = seconds
    self.isStopped = isStopped
  }

  /// Seconds that running copies get to end once the run is stopped.
  static let graceSeconds = 0.05

  /// Asks until it holds.
  /// - Parameters:
  ///   - start: when the copies began (`Clock`).
  ///   - ask: whether they have ended; waits 20 ms at most.
  func wait(since start: Double, _ ask: () throws(CopyError) -> Bool) throws(CopyError) {
    var end = start + seconds
    var isEnding = false
    while try !ask() {
      if !isEnding, isStopped() {
        isEnding = true
        end = min(end, Clock.seconds() + CopyLimit.graceSeconds)
      }
      if Clock.seconds() >= end { throw isEnding ? .stopped : .noEnd(seconds: seconds) }
    }
  }
}

/// Why a copy was not measured.
package enum CopyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The library could not be asked, or answered with an error.
  case library(LibraryError)
  /// A copy did not end.
  case noEnd(seconds: Double)
  /// Nobody wanted it any more.
  case stopped
  /// The times that the device reports cannot be.
  case time(String)
  /// Host memory could not be had.
  case memory(Errno, node: Int?)
  /// A drive could not be read.
  case read(String)
  /// A device may not reach another's memory.
  case noAccess(String)

  /// Why, in words.
  package var description: String {
    switch self {
    case .library(let error): error.description
    case .noEnd(let seconds):
      "a copy did not end within \(Units.decimal(seconds, places: 1)) s"
    case .stopped: "the run was stopped"
    case .time(let why), .noAccess(let why), .read(let why): why
    case .memory(let error, let node):
      "memory\(node.map { " of node \($0)" } ?? ""): \(error.plainly)"
    }
  }
}

/// Runs a call that throws the library's errors.
func asCopyError<Value>(
  _ body: () throws(LibraryError) -> Value
) throws(CopyError) -> Value {
  do { return try body() } catch { throw .library(error) }
}
