internal import Base
internal import FoundationEssentials

/// What podman and docker write about their containers.
///
/// Docker's file and the OCI configuration hold the environment of the container, passwords
/// included. They are read only inside a probe, which returns the name, the image and tinybox
/// labels: nothing else can get into a recording.
enum EngineFiles {
  /// What an engine's file says about a container.
  struct Facts: Equatable {
    var name: String?
    var image: String?
    /// Labels that start with `dev.tinybox.`.
    var labels: [String: String] = [:]
  }

  static let labelPrefix = "dev.tinybox."
  /// Podman's list of the containers that root runs.
  static let podmanList = "/var/lib/containers/storage/overlay-containers/containers.json"

  /// Podman's containers by id, from its `containers.json`. Nil when that is no such list.
  static func podman(_ text: [UInt8]) -> [String: Facts]? {
    struct Entry: Decodable {
      var id: String
      var names: [String]?
      var metadata: String?
    }
    struct Metadata: Decodable {
      var name: String?
      var image: String?
      enum CodingKeys: String, CodingKey {
        case name
        case image = "image-name"
      }
    }
    guard let entries = try? JSONDecoder().decode([Entry].self, from: Data(text)) else {
      return nil
    }
    var found: [String: Facts] = [:]
    for entry in entries {
      // A JSON text inside the JSON text.
      let metadata = entry.metadata.flatMap {
        try? JSONDecoder().decode(Metadata.self, from: Data($0.utf8))
      }
      var facts = Facts()
      facts.name = entry.names?.first ?? metadata?.name
      // Empty for a container that runs from a folder.
      facts.image = metadata?.image.flatMap { $0.isEmpty ? nil : $0 }
      found[entry.id] = facts
    }
    return found
  }

  /// tinybox annotations from an OCI `config.json`: podman keeps labels in its database, and
  /// annotations here. Nil for another file.
  static func annotations(_ text: [UInt8]) -> Facts? {
    struct Configuration: Decodable { var annotations: [String: String]? }
    guard let file = try? JSONDecoder().decode(Configuration.self, from: Data(text)) else {
      return nil
    }
    var facts = Facts()
    facts.labels = (file.annotations ?? [:]).filter { $0.key.hasPrefix(labelPrefix) }
    return facts
  }

  /// A container from docker's `config.v2.json`. Nil when that is no such file.
  static func docker(_ text: [UInt8]) -> Facts? {
    struct Inner: Decodable {
      var image: String?
      var labels: [String: String]?
      enum CodingKeys: String, CodingKey {
        case image = "Image"
        case labels = "Labels"
      }
    }
    struct Outer: Decodable {
      var name: String?
      var config: Inner?
      enum CodingKeys: String, CodingKey {
        case name = "Name"
        case config = "Config"
      }
    }
    guard let file = try? JSONDecoder().decode(Outer.self, from: Data(text)) else { return nil }
    var facts = Facts()
    // Docker writes `/name`.
    facts.name = file.name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    if facts.name?.isEmpty == true { facts.name = nil }
    facts.image = file.config?.image.flatMap { $0.isEmpty ? nil : $0 }
    facts.labels = (file.config?.labels ?? [:]).filter { $0.key.hasPrefix(labelPrefix) }
    return facts
  }

  /// Facts as the probe's text: `name`, `image` and `label KEY=VALUE`, a line each.
  static func encode(_ facts: Facts) -> [UInt8] {
    var lines: [String] = []
    if let name = facts.name { lines.append("name \(escaped(name))") }
    if let image = facts.image { lines.append("image \(escaped(image))") }
    for (key, value) in facts.labels.sorted(by: { $0.key < $1.key }) {
      // The first equals sign ends the key.
      if key.contains("=") { continue }
      lines.append("label \(escaped(key))=\(escaped(value))")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Reads the probe's text; malformed lines are left out.
  static func decode(_ text: [UInt8]) -> Facts {
    var facts = Facts()
    for line in ASCII.lines(text) {
      let parts = line.split(separator: 0x20, maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(decoding: parts[1], as: UTF8.self)
      switch String(decoding: parts[0], as: UTF8.self) {
      case "name": facts.name = unescaped(value)
      case "image": facts.image = unescaped(value)
      case "label":
        guard let equals = value.firstIndex(of: "=") else { continue }
        let key = unescaped(String(value[..<equals]))
        if key.hasPrefix(labelPrefix) {
          facts.labels[key] = unescaped(String(value[value.index(after: equals)...]))
        }
      default: break
      }
    }
    return facts
  }

  /// A label may hold line feeds.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "%": "%25"
      case "\n": "%0A"
      case "\r": "%0D"
      default: String(scalar)
      }
    }.joined()
  }

  private static func unescaped(_ text: String) -> String {
    // The escape of the escape last, or `%250A` becomes a line feed.
    text.replacing("%0A", with: "\n").replacing("%0D", with: "\r").replacing("%25", with: "%")
  }
}
