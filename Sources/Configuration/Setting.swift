/// A value with the place it was set.
public struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The value.
  public var value: Value
  /// Where it was set; nil for a default.
  public var position: ConfigurationPosition?

  /// A value that was set at a position.
  package init(_ value: Value, _ position: ConfigurationPosition? = nil) {
    self.value = value
    self.position = position
  }
}
