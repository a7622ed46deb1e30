internal import API
internal import Base
internal import Linux
internal import Operations

/// Where a command takes its facts from.
enum FactSource: String, CaseIterable, Sendable {
  /// From tinyboxd when it answers, else from the machine.
  case automatic = "auto"
  /// From tinyboxd, or not at all.
  case daemon
  /// From the machine, whether tinyboxd runs or not.
  case machine
}

/// Asks tinyboxd.
struct DaemonClient: Sendable {
  /// Where it listens.
  static var socket: String { Terminal.environment("TINYBOX_SOCKET") ?? "/run/tinybox/api.sock" }

  /// Why it did not answer, where the machine can be read in its place.
  struct Absence: Error {
    var reason: String
    /// What to do, where that does not depend on whether it runs.
    var hint: String?

    init(_ error: UnixClientError) {
      reason = error.description
      guard case .denied(let path) = error else { return }
      let group = CallingUser.group(of: path) ?? Authorization.readers
      // Nobody joins root's group to read.
      hint =
        group == "root"
        ? "run with sudo"
        : "members of group \(group) may ask: 'sudo usermod -aG \(group) NAME'; or run with sudo"
    }
  }

  /// The body of an answer.
  ///
  /// Reading the largest machine takes seconds; changing one waits for its drivers, and for
  /// another program that holds the lock.
  /// - Throws: `Absence` when it is not there, `Failure` when it says no.
  static func body(
    _ path: String, method: String = "GET", accept: String? = nil
  ) throws -> [UInt8] {
    let response: UnixClient.Response
    do throws(UnixClientError) {
      response = try UnixClient.request(
        socket: socket, method: method, path: path,
        headers: accept.map { [("Accept", $0)] } ?? [],
        timeoutSeconds: method == "GET" ? 30 : 120)
    } catch {
      switch error {
      case .noSocket, .refused, .denied: throw Absence(error)
      default: throw Failure("ask tinyboxd", error, hint: directHint)
      }
    }
    if response.status == 200 { return response.body }
    throw failure(response)
  }

  static func document<Document: Decodable>(
    _ type: Document.Type, _ path: String, method: String = "GET"
  ) throws -> Document {
    let body = try body(path, method: method)
    do {
      return try JSON.decode(type, from: body)
    } catch {
      throw Failure(
        "understand tinyboxd", because: "its answer to \(path) is not what this tinyboxctl knows",
        hint: "both come with one version of tinybox: restart tinyboxd after an update; "
          + directHint)
    }
  }

  static let directHint = "'--from machine' reads the machine without it"

  /// The failure in an unsuccessful answer.
  static func failure(_ response: UnixClient.Response) -> Failure {
    guard let problem = try? JSON.decode(Problem.self, from: response.body) else {
      return Failure("ask tinyboxd", because: "it answers with status \(response.status)")
    }
    let code: Failure.Code =
      switch response.status {
      case 400: .usage
      case 403: .notPermitted
      case 404: .notFound
      case 409: .conflict
      default: .failed
      }
    return Failure(problem.step, because: problem.cause, hint: problem.hint, code: code)
  }

  /// Asks tinyboxd for what only it knows.
  static func required<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch let absence as Absence {
      throw Failure(
        "ask tinyboxd", because: absence.reason,
        hint: absence.hint
          ?? "'sudo systemctl enable --now tinyboxd' starts it; members of group tinybox may ask")
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("ask tinyboxd", error)
    }
  }
}

extension Session {
  /// Whether tinyboxd may answer in place of the machine: not for a recording, and not for what it
  /// does not report (serial numbers, sources, other names).
  var mayAskDaemon: Bool {
    source != .machine && reader.sysroot == nil && !reader.serials && !reader.sources
      && reader.pciIDs == nil
  }

  /// Asks tinyboxd; nil when the machine is to be read in its place. Says which when asked.
  func fromDaemon<Value>(_ ask: () throws -> Value) throws(Failure) -> Value? {
    guard mayAskDaemon else {
      if source == .daemon {
        throw Failure(
          "ask tinyboxd",
          because: "it reports neither serial numbers nor sources, and reads no recording",
          hint: "leave '--from daemon' out", code: .usage)
      }
      if isVerbose { Output.note("facts are read from \(reader.sysroot ?? "this machine")") }
      return nil
    }
    do {
      let value = try ask()
      if isVerbose { Output.note("facts are from tinyboxd at \(DaemonClient.socket)") }
      return value
    } catch let absence as DaemonClient.Absence {
      if source == .daemon {
        throw Failure(
          "ask tinyboxd", because: absence.reason,
          hint: (absence.hint ?? "'systemctl status tinyboxd' shows more") + "; "
            + DaemonClient.directHint)
      }
      if isVerbose {
        Output.note(
          "facts are read from this machine, without tinyboxd: \(absence.reason)"
            + (absence.hint.map { "; \($0)" } ?? ""))
      }
      return nil
    } catch let failure as Failure {
      // A user outside its groups may still read what the machine shows everybody.
      if failure.code == .notPermitted, source == .automatic {
        if isVerbose {
          Output.note("facts are read from this machine: tinyboxd refused (\(failure.reason))")
        }
        return nil
      }
      throw failure
    } catch {
      throw Failure("ask tinyboxd", error)
    }
  }
}
