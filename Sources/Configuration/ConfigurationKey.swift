/// A property of settings.
package typealias Property<Settings, Value> = any WritableKeyPath<Settings, Value> & Sendable

/// A key of the configuration: its name, what it takes, its default, what it means, and the
/// function that puts its value into the settings.
///
/// The decoder, the reference and `tinyboxctl config show` are made from lists of these.
public struct ConfigurationKey<Settings>: Sendable {
  /// What it is, for people.
  public let reference: KeyReference
  /// Puts the value of a node at a path into settings, or notes what is wrong with it.
  package let decode: @Sendable (inout TableDecoder, TOMLNode, String, inout Settings) -> Void

  /// A key with a decoder of its own.
  package init(
    _ reference: KeyReference,
    _ decode: @escaping @Sendable (inout TableDecoder, TOMLNode, String, inout Settings) -> Void
  ) {
    self.reference = reference
    self.decode = decode
  }

  /// A key with a value.
  /// - Parameters:
  ///   - fallback: its default, as TOML writes it.
  package init<Value>(
    _ name: String, _ type: ValueType<Value>,
    _ property: Property<Settings, Value>, default fallback: String,
    _ meaning: String
  ) {
    self.init(
      KeyReference(name, .value(takes: type.takes, default: fallback), meaning)
    ) { decoder, node, path, settings in
      if let value = type.read(&decoder, node, path) { settings[keyPath: property] = value }
    }
  }

  /// A key with a value that is not there by default, and whose place is kept.
  /// - Parameter fallback: its default, as TOML writes it; nil where there is none.
  package init<Value>(
    _ name: String, _ type: ValueType<Value>,
    _ property: Property<Settings, Setting<Value>?>,
    default fallback: String? = nil, _ meaning: String
  ) {
    self.init(
      KeyReference(name, .value(takes: type.takes, default: fallback), meaning)
    ) { decoder, node, path, settings in
      if let value = type.read(&decoder, node, path) {
        settings[keyPath: property] = Setting(value, node.position)
      }
    }
  }

  /// The same key of settings that these are a part of.
  package func within<Whole>(
    _ property: Property<Whole, Settings>
  ) -> ConfigurationKey<Whole> {
    ConfigurationKey<Whole>(reference) { [decode] decoder, node, path, whole in
      decode(&decoder, node, path, &whole[keyPath: property])
    }
  }

  /// A table with keys of its own.
  /// - Parameter check: what is wrong with its values together.
  package static func table<Part>(
    _ name: String, _ property: Property<Settings, Part>,
    _ keys: [ConfigurationKey<Part>], _ meaning: String,
    check: @escaping @Sendable (inout TableDecoder, Part, String) -> Void = { _, _, _ in }
  ) -> ConfigurationKey {
    ConfigurationKey(KeyReference(name, .table(keys.map(\.reference)), meaning)) {
      decoder, node, path, settings in
      decoder.decode(node, path, keys, into: &settings[keyPath: property])
      check(&decoder, settings[keyPath: property], path)
    }
  }

  /// Tables by names that the owner gives.
  /// - Parameters:
  ///   - names: what they are named after.
  ///   - property: takes one for each, in the order of their names.
  ///   - make: an empty one.
  package static func tables<Part>(
    _ name: String, by names: String, _ property: Property<Settings, [Part]>,
    _ keys: [ConfigurationKey<Part>], _ meaning: String,
    make: @escaping @Sendable (String, ConfigurationPosition) -> Part,
    check: @escaping @Sendable (inout TableDecoder, Part, String) -> Void
  ) -> ConfigurationKey {
    ConfigurationKey(KeyReference(name, .tables(by: names, keys.map(\.reference)), meaning)) {
      decoder, node, path, settings in
      for (name, node) in decoder.table(node, path).entries.sorted(by: { $0.key < $1.key }) {
        let path = "\(path).\(TOMLTable.quoted(name))"
        var part = make(name, node.position)
        decoder.decode(node, path, keys, into: &part)
        check(&decoder, part, path)
        settings[keyPath: property].append(part)
      }
    }
  }

  /// Values of one type by names that the owner gives.
  /// - Parameter names: what they are named after.
  package static func values<Value>(
    _ name: String, by names: String, _ type: ValueType<Value>,
    _ property: Property<Settings, [String: Setting<Value>]>, _ meaning: String
  ) -> ConfigurationKey {
    ConfigurationKey(KeyReference(name, .values(by: names, takes: type.takes), meaning)) {
      decoder, node, path, settings in
      for (name, node) in decoder.table(node, path).entries.sorted(by: { $0.key < $1.key }) {
        let path = "\(path).\(TOMLTable.quoted(name))"
        if let value = type.read(&decoder, node, path) {
          settings[keyPath: property][name] = Setting(value, node.position)
        }
      }
    }
  }
}

/// What the reference and `tinyboxctl config show` know of a key.
public struct KeyReference: Hashable, Sendable {
  /// Its name, without that of its table.
  public var name: String
  /// What it holds.
  public var shape: Shape
  /// What it means.
  public var meaning: String

  /// What a key holds.
  public enum Shape: Hashable, Sendable {
    /// A value: what is taken, in words, and its default, as TOML writes it.
    case value(takes: String, default: String?)
    /// A table with these keys.
    case table([KeyReference])
    /// Tables with these keys, named after what `by` says.
    case tables(by: String, [KeyReference])
    /// Values of one type, named after what `by` says.
    case values(by: String, takes: String)
  }

  init(_ name: String, _ shape: Shape, _ meaning: String) {
    self.name = name
    self.shape = shape
    self.meaning = meaning
  }
}
