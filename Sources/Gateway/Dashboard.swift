internal import HTTPService

/// The files of the dashboard, which are part of the program.
struct Dashboard {
  private struct File {
    var bytes: [UInt8]
    var type: String
    var tag: String

    init(_ bytes: [UInt8], _ type: String) {
      self.bytes = bytes
      self.type = type
      tag = Dashboard.tag(bytes)
    }
  }

  private static let files: [String: File] = {
    var files = [
      "index.html": File(PackageResources.index_html, "text/html; charset=utf-8"),
      "style.css": File(PackageResources.style_css, "text/css; charset=utf-8"),
    ]
    let scripts = [
      "app.js": PackageResources.app_js,
      "benchmarks.js": PackageResources.benchmarks_js,
      "chat.js": PackageResources.chat_js,
      "connection.js": PackageResources.connection_js,
      "elements.js": PackageResources.elements_js,
      "events.js": PackageResources.events_js,
      "format.js": PackageResources.format_js,
      "overview.js": PackageResources.overview_js,
      "placement.js": PackageResources.placement_js,
      "runtimes.js": PackageResources.runtimes_js,
      "setup.js": PackageResources.setup_js,
      "stream.js": PackageResources.stream_js,
      "tables.js": PackageResources.tables_js,
      "theme.js": PackageResources.theme_js,
      "topology.js": PackageResources.topology_js,
    ]
    for (name, bytes) in scripts {
      files[name] = File(bytes, "text/javascript; charset=utf-8")
    }
    return files
  }()

  /// The answer to a path that is a file of the dashboard; nil for any other.
  static func answer(_ request: HTTPRequest) -> HTTPResponse? {
    guard request.segments.count <= 1,
      let file = files[request.segments.first ?? "index.html"]
    else { return nil }
    guard ["GET", "HEAD"].contains(request.method) else {
      return Responses.wrongMethod("GET, HEAD")
    }
    let headers: HeaderFields = [
      "Content-Type": file.type, "Cache-Control": "no-cache", "ETag": file.tag,
    ]
    let known = request.headers.values("If-None-Match").joined(separator: ",")
      .split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
      .map { $0.hasPrefix("W/") ? $0.dropFirst(2) : $0 }
    if known.contains(where: { $0 == file.tag || $0 == "*" }) {
      return HTTPResponse(status: 304, headers: headers)
    }
    return HTTPResponse(status: 200, headers: headers, body: .bytes(file.bytes))
  }

  /// Another tag for other bytes (FNV-1a, 64 bits).
  private static func tag(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return "\"\(String(hash, radix: 16))\""
  }
}
