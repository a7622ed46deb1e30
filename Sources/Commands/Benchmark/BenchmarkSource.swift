internal import API
internal import Base
internal import Benchmarks
internal import Linux
internal import Render

/// Where results come from: tinyboxd where it answers, else the database itself, for root.
struct BenchmarkSource {
  /// Whether tinyboxd is asked first.
  var asksDaemon = true

  /// A document.
  /// - Parameters:
  ///   - name: what `tinybox-benchmark show` calls it.
  ///   - path: the same at tinyboxd.
  func document<Document: Decodable>(
    _ type: Document.Type, _ name: String, _ path: String, argument: String? = nil
  ) throws(Failure) -> Document {
    if !asksDaemon { return try stored(type, name, argument) }
    do {
      return try DaemonClient.document(type, path)
    } catch let absence as DaemonClient.Absence {
      guard CallingUser.isRoot else {
        throw Failure(
          "ask tinyboxd", because: absence.reason,
          hint: absence.hint ?? "start it, or run with sudo", code: .notPermitted)
      }
      return try stored(type, name, argument)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("ask tinyboxd", error)
    }
  }

  /// A document of the database, for root.
  private func stored<Document: Decodable>(
    _ type: Document.Type, _ name: String, _ argument: String?
  ) throws(Failure) -> Document {
    let text = try BenchmarkProgram.output(["show", name] + (argument.map { [$0] } ?? []))
    do {
      return try JSON.decode(type, from: text)
    } catch {
      throw Failure("understand \(BenchmarkProgram.name)", error)
    }
  }

  /// The history of a series.
  func history(_ series: String) throws(Failure) -> BenchmarkHistoryDocument {
    try document(
      BenchmarkHistoryDocument.self, "history",
      "/v1/benchmarks/history?series=\(PercentEncoding.encode(series))", argument: series)
  }

  /// A run; the last one without an id.
  func run(_ id: String?) throws(Failure) -> BenchmarkRun {
    var id = id
    if id == nil {
      let runs = try document(BenchmarkRunsDocument.self, "runs", "/v1/benchmarks/runs").runs
      id = runs.first { $0.run.state != .running }?.run.id
    }
    guard let id else {
      throw Failure(
        "show the last run", because: "none was made",
        hint: "'tinyboxctl benchmark run' makes one", code: .notFound)
    }
    return try document(
      BenchmarkRun.self, "run", "/v1/benchmarks/runs/\(PercentEncoding.encode(id))",
      argument: id)
  }

  /// Marks a change as seen.
  func acknowledge(_ change: Int) throws(Failure) {
    do {
      _ = try DaemonClient.document(
        BenchmarkChangesDocument.self, "/v1/benchmarks/acknowledge?change=\(change)",
        method: "POST")
    } catch is DaemonClient.Absence {
      _ = try BenchmarkProgram.output(["acknowledge", "\(change)"])
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("ask tinyboxd", error)
    }
  }
}

/// `tinybox-benchmark`, which has what tinyboxctl has not: the database and the loads.
enum BenchmarkProgram {
  static let name = "tinybox-benchmark"

  /// Beside this program, where all of them are installed; else wherever `PATH` has it.
  static var path: String {
    if let this = try? LinkText.read("/proc/self/exe"), let slash = this.lastIndex(of: "/"),
      let beside = ProgramPath.find(name, in: String(this[..<slash]))
    {
      return beside
    }
    return name
  }

  /// A path as another program in another folder finds it.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = try? LinkText.read("/proc/self/cwd") else { return path }
    return "\(here)/\(path)"
  }

  /// Runs it to its end; what it wrote to standard output.
  /// - Parameter limit: bytes of it at most.
  static func output(
    _ arguments: [String], limit: Int = 64 << 20
  ) throws(Failure) -> [UInt8] {
    if !CallingUser.isRoot {
      throw Failure(
        "open the database of benchmarks", because: "only root may", hint: "run it with sudo",
        code: .notPermitted)
    }
    var child = ChildProcess([path] + arguments, deadlineSeconds: 600)
    child.outputLimit = limit
    let outcome = try child.run()
    if outcome.ended == .tooMuchOutput {
      throw Failure("run \(name)", because: "it wrote more than \(Units.capacity(limit))")
    }
    guard outcome.status == 0 else { throw failure(outcome) }
    note(outcome)
    return outcome.output
  }

  /// Runs it and shows its progress; Ctrl-C ends it. It prints a document a line: progress, and last what it
  /// was asked for.
  /// - Parameters:
  ///   - graceSeconds: time it has to end in order.
  ///   - style: of the line of progress.
  static func follow(
    _ arguments: [String], deadlineSeconds: Double, graceSeconds: Double, _ style: Style
  ) throws(Failure) -> ChildProcess.Outcome {
    let signals = try SignalReader()
    var child = ChildProcess([path] + arguments, deadlineSeconds: deadlineSeconds)
    child.graceSeconds = graceSeconds
    var lines = ProgressLines()
    return try child.run {
      signals.next() != nil
    } onOutput: { output in
      for progress in lines.take(&output) { show(progress, style) }
    }
  }

  /// Shows what is measured now.
  static func show(_ progress: BenchmarkProgress, _ style: Style) {
    if progress.measuring != nil {
      Output.progress(BenchmarkProgressLine.render(progress, style))
    }
  }

  /// Passes on what it has to say besides, such as that a damaged database was put aside.
  static func note(_ outcome: ChildProcess.Outcome) {
    for line in outcome.errors.split(separator: 0x0a) {
      let text = String(decoding: line, as: UTF8.self)
      Output.note(text.hasPrefix("\(name): ") ? String(text.dropFirst(name.count + 2)) : text)
    }
  }

  /// The failure of the program, by its own words.
  static func failure(_ outcome: ChildProcess.Outcome) -> Failure {
    let lines = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n")
      .map(String.init)
    let code: Failure.Code =
      switch outcome.status {
      case 64: .usage
      case 77: .notPermitted
      case 75: .busy
      case 4: .notFound
      default: .failed
      }
    // `tinybox-benchmark: cannot STEP: REASON`.
    var step = "run \(name)"
    var reason = lines.first ?? "exit status \(outcome.status)"
    let start = "\(name): cannot "
    if reason.hasPrefix(start), let colon = reason.dropFirst(start.count).firstIndex(of: ":") {
      step = String(reason.dropFirst(start.count)[..<colon])
      reason = String(reason[reason.index(after: colon)...].drop { $0 == " " })
    }
    let hints = lines.dropFirst().map { String($0.drop { $0 == " " }) }
    return Failure(
      step, because: reason, hint: hints.isEmpty ? nil : hints.joined(separator: "\n  "),
      code: code)
  }
}

/// Takes the lines of progress out of what `tinybox-benchmark` writes. A soak of days has one each second: kept,
/// they would be hundreds of megabytes.
struct ProgressLines {
  /// Bytes of whole lines that stay: what the program was asked for.
  private var kept = 0

  /// The progress in the lines that are new and whole, which is taken away.
  mutating func take(_ output: inout [UInt8]) -> [BenchmarkProgress] {
    // Whole lines: the last one may be going on.
    guard let end = output.lastIndex(of: 0x0a), end >= kept else { return [] }
    var found: [BenchmarkProgress] = []
    var rest = output[..<kept]
    for line in output[kept..<end].split(separator: 0x0a) {
      if let progress = try? JSON.decode(BenchmarkProgress.self, from: line) {
        found.append(progress)
      } else {
        rest += line
        rest.append(0x0a)
      }
    }
    kept = rest.count
    output = Array(rest + output[(end + 1)...])
    return found
  }
}

/// Percent-encoding of a part of a path or query (RFC 3986, section 2.3: unreserved characters stay).
enum PercentEncoding {
  static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      let stays =
        byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
      return stays
        ? String(character) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }.joined()
  }
}
