internal import Base
internal import Inventory

/// NFS without the kernel's client: fio's own NFS client (libnfs) against a server.
package enum NFSPlan: SuitePlan {
  package static let info = SuiteInfo(
    "nfs", "NFS from user space against a server: write and read of a file.", programs: ["fio"])

  /// Bytes of a request: what NFS servers take at once by default (`rsize`, `wsize` of nfs(5)).
  static let requestBytes = 1 << 20
  /// Requests on their way.
  static let depth = 16
  /// Bytes of the file, in a full and in a quick run.
  static let fileBytes = 1 << 30
  static let quickFileBytes = 64 << 20

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    guard let server = box.options.nfsServer, !server.isEmpty else {
      return [
        without("no-server", .notApplicable("give --nfs SERVER:/EXPORT of an NFS server"))
      ]
    }
    guard let place = NFSServer(server) else {
      return [
        without(
          "no-server",
          .notApplicable("'\(server)' is not SERVER:/EXPORT, such as 10.0.0.2:/export"))
      ]
    }
    let path = NetworkPath(interface: box.nfsInterface, peer: place.host, box)
    if !path.nics.isEmpty, !path.nics.contains(where: { box.wants($0.address) }) { return [] }
    let key = path.key + SeriesKey.part(place.export)
    return NodeChoice.of(node: path.node, box.inventory.memory).flatMap { choice in
      [("write", FioJob.Pattern.sequentialWrite), ("read", .sequentialRead)].map {
        name, pattern in
        var fio = FioParameters(
          .nfs, pattern, blockBytes: requestBytes, depth: depth,
          targets: [.init("", cpus: choice.cpus, memoryNode: choice.memoryNode)])
        fio.fileBytes = box.options.isQuick ? quickFileBytes : fileBytes
        return PlannedMeasurement(
          BenchmarkSeries(
            suite: info.name, metric: "\(name)-\(choice.name)", subjectKey: key,
            subject: "\(server) over \(path.subject)\(choice.text)", unit: .bytesPerSecond),
          devices: path.nics.compactMap(\.address), seconds: 10, quickSeconds: 2,
          ceiling: path.ceiling(peer: place.host), parameters: fio.parameters)
      }
    }
  }

  private static func without(
    _ key: String, _ obstacle: PlannedMeasurement.Obstacle
  ) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: "read", subjectKey: key, subject: "an NFS server",
        unit: .bytesPerSecond),
      seconds: 0, quickSeconds: 0, obstacle: obstacle)
  }
}

/// An NFS server and its export, as `mount` writes them: `10.0.0.2:/export`, `[fe80::1]:/export`; with a
/// port of its own `10.0.0.2:2050:/export`.
package struct NFSServer: Hashable, Sendable {
  /// Name or address, without brackets.
  package var host: String
  /// Port; nil for the usual one.
  package var port: Int?
  /// Path of the export.
  package var export: String

  /// Reads what a person wrote; nil when it is something else.
  package init?(_ text: String) {
    guard let slash = text.firstIndex(of: "/"), slash > text.startIndex else { return nil }
    export = String(text[slash...])
    var server = text[..<slash]
    guard server.last == ":" else { return nil }
    server = server.dropLast()
    if server.first == "[", let end = server.firstIndex(of: "]") {
      host = String(server[server.index(after: server.startIndex)..<end])
      server = server[server.index(after: end)...]
    } else {
      let end = server.firstIndex(of: ":") ?? server.endIndex
      host = String(server[..<end])
      server = server[end...]
    }
    if !server.isEmpty {
      guard server.first == ":", let number = Int(server.dropFirst()), (1...65535).contains(number)
      else { return nil }
      port = number
    }
    // They become parts of a URL.
    let isPlain = (host + export).utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7f && !"?#%&@\"\\".utf8.contains(byte)
    }
    guard !host.isEmpty, isPlain else { return nil }
  }

  /// The URL that libnfs takes (libnfs README, URL-FORMAT): NFS 4 needs no port mapper.
  package var url: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "nfs://\(name)\(export)?version=4" + (port.map { "&nfsport=\($0)" } ?? "")
  }
}
