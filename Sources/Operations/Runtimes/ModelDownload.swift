internal import Apply
internal import Base
internal import Linux

/// Fetches a file by `curl` (package curl), which runs without rights: it writes to a descriptor that was opened for
/// it. Only https is spoken, redirected or not; http with this machine alone.
struct ModelDownload {
  /// Where the file is.
  var address: String
  /// As the owner wrote it.
  var source: String

  /// Proxies and certificates that the caller's environment names.
  private static let environment = [
    "https_proxy", "HTTPS_PROXY", "http_proxy", "no_proxy", "NO_PROXY", "ALL_PROXY", "all_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
  ]

  /// curl's exit status for a server that sends a file from its beginning alone.
  private static let cannotResume: Int32 = 33
  /// Failures that may be over at the next try: of names, connections, time, TLS, and of what arrives.
  private static let passing: Set<Int32> = [5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92]

  private func command(_ arguments: [String], fileBytes: Int) -> [String] {
    let schemes =
      address.hasPrefix("https://")
      ? ["--proto", "=https", "--proto-redir", "=https", "--location", "--max-redirs", "10"]
      // A proxy may be on the network.
      : ["--proto", "=http", "--max-redirs", "0", "--noproxy", "*"]
    return UnprivilegedProgram.command(
      // --disable comes first: no file of settings.
      ["curl", "--disable", "--globoff", "--silent", "--show-error", "--fail"] + schemes
        + ["--connect-timeout", "30", "--speed-limit", "1024", "--speed-time", "60"] + arguments
        + ["--url", address],
      network: true, fileBytes: fileBytes, memoryBytes: nil, cpuSeconds: nil)
  }

  private func child(
    _ arguments: [String], fileBytes: Int, deadlineSeconds: Double
  ) -> ChildProcess {
    var child = ChildProcess(
      command(arguments, fileBytes: fileBytes), deadlineSeconds: deadlineSeconds)
    for name in ModelDownload.environment {
      if let value = Terminal.environment(name) { child.environment[name] = value }
    }
    child.outputLimit = 1 << 20
    return child
  }

  /// Which state of the file the server has, and its size.
  func origin() throws(Failure) -> ModelOrigin {
    let head = child(
      [
        "--head", "--output", "/dev/null", "--write-out", "%header{etag}\\n%header{content-length}",
      ],
      fileBytes: 0, deadlineSeconds: 120)
    let outcome = try head.run()
    guard outcome.status == 0, outcome.ended == nil else { throw failure(outcome, "look for") }
    let lines = outcome.output.split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { String(decoding: $0.prefix(256), as: UTF8.self) }
    let tag = lines.first.flatMap { $0.isEmpty || $0.hasPrefix("W/") ? nil : $0 }
    let bytes = lines.count > 1 ? Int(lines[1]) : nil
    return ModelOrigin(
      source: source, tag: tag, bytes: bytes.flatMap { (1...(1 << 50)).contains($0) ? $0 : nil })
  }

  /// Fetches what a file lacks.
  /// - Parameters:
  ///   - room: the longest that it may become, bytes.
  ///   - pauses: seconds before each try after the first.
  ///   - progress: called with the bytes of the file.
  ///   - judge: called with the same; a failure ends the download.
  func fetch(
    _ origin: ModelOrigin, to file: borrowing RegularFile, room: Int,
    pauses: [Double] = [1, 2, 4, 8, 16], progress: (Int) -> Void,
    judge: (Int) -> Failure? = { _ in nil }
  ) throws(Failure) {
    var tries = pauses[...]
    while true {
      let start = try file.size()
      if let bytes = origin.bytes, start == bytes { return }
      if let bytes = origin.bytes, start > bytes { try file.empty() }
      let offset = try file.size()
      var child = child(
        offset > 0 ? ModelDownload.rest(from: offset, origin.tag) : [], fileBytes: room,
        deadlineSeconds: 7 * 86_400)
      child.output = file.descriptor
      let descriptor = file.descriptor
      var refusal: Failure?
      let outcome = try child.run(isStopped: {
        let bytes = descriptor.size ?? offset
        progress(bytes)
        refusal = judge(bytes)
        return refusal != nil
      })
      if let refusal { throw refusal }
      let now = try file.size()
      if outcome.status == 0, outcome.ended == nil {
        guard let bytes = origin.bytes, now != bytes else { return }
        if now > bytes { try file.empty() }
        throw Failure(
          "fetch \(source)", because: "\(now) bytes came of \(bytes)")
      }
      if outcome.status == ModelDownload.cannotResume, offset > 0 {
        try file.empty()
        continue
      }
      guard ModelDownload.passing.contains(outcome.status) else {
        throw failure(outcome, "fetch")
      }
      // Some of it came: the connection works, all tries are open again.
      if now > offset { tries = pauses[...] }
      guard let pause = tries.popFirst() else { throw failure(outcome, "fetch") }
      Clock.sleep(seconds: pause)
    }
  }

  /// Asks for the rest of a file, if it is still the one that was begun (RFC 9110, `If-Range`): else the server
  /// sends all of the new one, and curl ends with `cannotResume`.
  private static func rest(from offset: Int, _ tag: String?) -> [String] {
    ["--continue-at", "\(offset)"] + (tag.map { ["--header", "If-Range: \($0)"] } ?? [])
  }

  private func failure(_ outcome: ChildProcess.Outcome, _ step: String) -> Failure {
    // SIGXFSZ, and curl's own word for a file that cannot be written.
    let isFull = outcome.status == 128 + 25 || outcome.status == 23
    return Failure(
      "\(step) \(source)",
      because: isFull ? "it is longer than there is room for" : outcome.lastLine)
  }
}
