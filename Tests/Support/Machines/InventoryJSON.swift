import Foundation
package import Inventory
package import TestSupport

/// An inventory as the JSON it is shown in, for tests that take facts away or change them.
package struct InventoryJSON {
  /// A key of an object, or the place of an element in a list.
  package enum Step: Hashable, Sendable {
    case key(String)
    case element(Int)
  }

  private let root: Any

  private init(root: Any) { self.root = root }

  package init(_ inventory: Inventory) throws {
    root = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(inventory))
  }

  /// The inventory; nil where something is missing that makes one.
  package var inventory: Inventory? {
    guard let data = try? JSONSerialization.data(withJSONObject: root) else { return nil }
    return try? JSONDecoder().decode(Inventory.self, from: data)
  }

  // MARK: Paths

  /// Every key and every element, each before what is inside it.
  package var paths: [[Step]] { InventoryJSON.paths(root, []) }

  private static func paths(_ value: Any, _ prefix: [Step]) -> [[Step]] {
    InventoryJSON.children(value).flatMap { step, inner in
      [prefix + [step]] + paths(inner, prefix + [step])
    }
  }

  /// In the same order in every run, which that of a dictionary is not.
  private static func children(_ value: Any) -> [(step: Step, value: Any)] {
    if let object = value as? [String: Any] {
      return object.sorted { $0.key < $1.key }.map { (.key($0), $1) }
    }
    return (value as? [Any] ?? []).enumerated().map { (.element($0), $1) }
  }

  private static func child(_ value: Any, _ step: Step) -> Any? {
    switch step {
    case .key(let key): return (value as? [String: Any])?[key]
    case .element(let place):
      guard let list = value as? [Any], list.indices.contains(place) else { return nil }
      return list[place]
    }
  }

  /// What is at a path.
  package func value(at path: some Sequence<Step>) -> Any? {
    path.reduce(root as Any?) { value, step in value.flatMap { InventoryJSON.child($0, step) } }
  }

  /// A random path, which ends below the top: at every step in one case of four.
  package func somewhere(_ random: inout SeededGenerator) -> [Step]? {
    var path: [Step] = []
    var value = root
    while true {
      let children = InventoryJSON.children(value)
      if children.isEmpty { return path.isEmpty ? nil : path }
      let next = random.pick(children)
      path.append(next.step)
      value = next.value
      if path.count > 1, random.chance(25) { return path }
    }
  }

  // MARK: Changes

  /// The same with another value at a path; without the key or the element where `change` gives nil.
  package func changing(_ path: [Step], _ change: (Any) -> Any?) -> InventoryJSON {
    InventoryJSON(root: InventoryJSON.changing(root, path[...], change) ?? [String: Any]())
  }

  private static func changing(
    _ value: Any, _ path: ArraySlice<Step>, _ change: (Any) -> Any?
  ) -> Any? {
    guard let step = path.first else { return change(value) }
    guard let inner = child(value, step) else { return value }
    let changed = changing(inner, path.dropFirst(), change)
    switch step {
    case .key(let key):
      var object = value as? [String: Any] ?? [:]
      object[key] = changed
      return object
    case .element(let place):
      var list = value as? [Any] ?? []
      list.replaceSubrange(place...place, with: changed.map { [$0] } ?? [])
      return list
    }
  }

  /// The inventory without what is at a path: gone where it may be absent, else empty. Nil for what is
  /// always there.
  package func without(_ path: [Step]) -> Inventory? {
    let emptied: [Any?] = [nil, [Any](), [String: Any]()]
    return emptied.lazy.compactMap { other in changing(path) { _ in other }.inventory }.first
  }

  // MARK: Names

  /// A path as evidence of checks writes it: `gpus[0000:21:00.0].driver`.
  package func name(of path: [Step]) -> String {
    var text = ""
    for (index, step) in path.enumerated() {
      switch step {
      case .key(let key): text += text.isEmpty ? key : "." + key
      case .element(let place):
        let element = value(at: path[...index]) as? [String: Any] ?? [:]
        // GPUs of one model have one name.
        let keys = path[index - 1] == .key("gpus") ? ["address"] : InventoryJSON.names
        text += "[\(keys.lazy.compactMap { element[$0] }.first ?? place)]"
      }
    }
    return text
  }

  /// What names an element of a list.
  private static let names = ["mountPoint", "name", "address", "number", "id", "path"]

  /// The path of a fact as evidence writes it.
  package func path(of fact: String) -> [Step]? { paths.first { name(of: $0) == fact } }
}
