package import Base
package import RuntimeCatalog

/// What is written and started for a runtime.
package struct RuntimeUnit: Hashable, Sendable {
  /// Its name.
  package var name: String
  /// Whether it answers requests.
  package var kind: RuntimeSpec.Kind
  /// Its model.
  package var model: String?
  /// Its backend.
  package var backend: String
  /// What it serves.
  package var apis: [RuntimeAPI]
  /// Requests at once.
  package var slots: Int
  /// Tokens of context; nil when not known.
  package var context: Int?
  /// Bytes of the longest token; nil when not known.
  package var longestToken: Int?
  /// Texts of its model's control tokens, where messages with one are refused.
  package var specialTokens: [String]?
  /// When its model was added, seconds since 1970; 0 without a model.
  package var created: Int
  /// Whether it starts with the first request.
  package var onDemand: Bool
  /// Its GPUs, in the order of their addresses.
  package var gpus: [PCIAddress]
  /// Leases that a holder takes before it starts: those of its GPUs.
  package var leases: [PCIAddress] { gpus }
  /// CPUs it may use; nil where it is bound to none.
  package var cpus: NumberSet?
  /// NUMA nodes its memory comes from; nil where it is bound to none.
  package var memoryNodes: NumberSet?
  /// The NUMA node it is on; nil for several, or where it is bound to none.
  package var node: Int?
  /// The most main memory, bytes; nil without a limit, where the memory of the machine is not known.
  package var memoryBytes: Int?
  /// Whether its model fits, and the arithmetic; nil without a model.
  package var fit: ModelFit?
  /// What the owner should know.
  package var warnings: [String]
  /// The files to write, all text of each.
  package var dropIns: [DropIn]

  /// A file that changes a unit.
  package struct DropIn: Hashable, Sendable {
    /// The unit: `tinybox-runtime@llama.service`.
    package var unit: String
    /// Its text.
    package var text: String

    /// Its path. In `/run`: it is remade at every boot, since numbers of devices change.
    package var path: String { DropIn.path(of: unit) }
    /// The path of the drop-in of a unit.
    package static func path(of unit: String) -> String { "\(folder)/\(unit).d/\(file)" }
    /// The folder of units that last until the next boot.
    package static let folder = "/run/systemd/system"
    /// The name of the file.
    package static let file = "10-tinybox.conf"
    /// How the text of each begins.
    package static let mark = "# Made by tinyboxd from "
  }

  /// The unit of a runtime.
  package static func service(_ name: String) -> String { "tinybox-runtime@\(name).service" }
  /// The unit of its door: it passes connections into the runtime's own network.
  package static func door(_ name: String) -> String { "tinybox-runtime-door@\(name).service" }
  /// The socket of its door.
  package static func doorSocket(_ name: String) -> String {
    "tinybox-runtime-door@\(name).socket"
  }

  /// What a runtime has, as its drop-in says.
  package struct Held: Hashable, Sendable {
    /// Its GPUs.
    package var gpus: [PCIAddress] = []
    /// Its NUMA node.
    package var node: Int?

    package init(gpus: [PCIAddress] = [], node: Int? = nil) {
      self.gpus = gpus
      self.node = node
    }

    /// From the text of a drop-in of ours. What is not there or not understood is not held.
    package init(dropIn text: String) {
      for line in text.split(separator: "\n") {
        guard let equals = line.firstIndex(of: "=") else { continue }
        let value = line[line.index(after: equals)...]
        switch line[..<equals] {
        case "GPUs": gpus = value.split(separator: " ").compactMap { PCIAddress($0) }
        case "Node": node = Int(value).flatMap { NumberSet.isPossible($0) ? $0 : nil }
        default: break
        }
      }
    }
  }
}
