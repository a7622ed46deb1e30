/// Power of GPUs: as it is, and as the owner's configuration has it without what set-up wrote.
package struct SetupPower: Hashable, Sendable {
  /// A GPU on a card.
  package struct GPU: Hashable, Sendable {
    /// PCI address.
    package var address: String
    package var isNVIDIA: Bool
    /// The cap in force, watts as text; nil where there is none that can be read.
    package var watts: String?
    /// What the card takes, watts; nil where its driver does not say.
    package var range: ClosedRange<Double>?
    /// Whether the driver keeps it initialised while nobody uses it; nil where that is not known.
    package var isPersistent: Bool?
    /// Why something is not known.
    package var reason: String?
    /// What the configuration says, and where.
    package var configuredWatts: Configured<Int>?
    /// The same of its persistence mode.
    package var configuredPersistence: Configured<Bool>?

    package init(address: String, isNVIDIA: Bool) {
      (self.address, self.isNVIDIA) = (address, isNVIDIA)
    }
  }

  /// A value of the configuration, and where it stands.
  package struct Configured<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var place: String

    package init(_ value: Value, at place: String) { (self.value, self.place) = (value, place) }
  }

  /// What one GPU is set to.
  package struct Setting: Hashable, Sendable {
    /// PCI address.
    package var address: String
    /// Its cap, watts as text; nil for as it is.
    package var watts: String?
    /// Its persistence mode; nil for as it is.
    package var persistence: Bool?

    package init(address: String, watts: String? = nil, persistence: Bool? = nil) {
      (self.address, self.watts, self.persistence) = (address, watts, persistence)
    }
  }

  /// GPUs on cards, in the order of their addresses.
  package var gpus: [GPU] = []
  /// Whether nvidia-persistenced runs, which sets persistence modes then; nil where that is not known.
  package var hasPersistenceDaemon: Bool?
  /// Where the configuration says that power is only looked at; nil where it does not.
  package var observedAt: String?

  package init() {}
}
