import Foundation
import TestSupport

/// The real tinyboxd and tinybox-gateway on this machine, as `Tests/Service/up` starts them. The
/// daemon reads; no test asks it to place anything.
final class Service: @unchecked Sendable {
  /// Whether they are to be started.
  static var isWanted: Bool { ProcessInfo.processInfo.environment["TINYBOX_SERVICE"] != nil }

  /// One for all tests.
  static let shared = Result { try Service() }

  /// The daemon's socket.
  let socket: String

  private let process = Process()
  private let input = Pipe()

  private struct Started: Decodable {
    var socket: String
    enum CodingKeys: String, CodingKey { case socket = "TINYBOX_SOCKET" }
  }

  /// What failed.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private init() throws {
    let output = Pipe()
    process.executableURL = Project.tests.appendingPathComponent("Service/up")
    process.environment = Service.environment
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(0x0a) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw Failure(description: "Tests/Service/up ended; it says why") }
      line += more
    }
    socket = try JSONDecoder().decode(Started.self, from: line).socket
    // Both end with the end of its input, and that comes with the end of this process.
  }

  /// The programs as they are installed: `make programs` builds them.
  static let programs = Project.root.appendingPathComponent(".build/release")

  /// The command line.
  static let tinyboxctl = programs.appendingPathComponent("tinyboxctl")

  /// The environment of the scripts.
  static var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(["TINYBOX_BIN": programs.path]) { $1 }
  }
}
